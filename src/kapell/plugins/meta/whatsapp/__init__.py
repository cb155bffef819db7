"""Messages to WhatsApp."""
