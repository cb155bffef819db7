"""`io.kestra.plugin.tencent.qq.QQIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.plugins.tencent.qq._qq import QQ
from kapell.sdk import Example


class QQIncomingWebhook(QQ, Alert):
    """Send a message to QQ."""

    examples = (
        Example(
            "A text to one person",
            "url: \"{{ secret('TENCENT_IM_URL') }}\"\ntoken: \"{{ secret('TENCENT_IM_TOKEN') }}\"\npayload: |\n"
            '  {"To_Account": ["100001"], "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "Done."}}]}',
        ),
    )
