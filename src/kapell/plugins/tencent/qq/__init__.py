"""Messages to QQ through Tencent's messaging service."""
