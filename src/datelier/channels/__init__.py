"""Notices of the inbox outside the app: browser, email, webhooks, the daily digest."""
