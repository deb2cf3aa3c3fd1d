"""A second factor at the sign-in page, in a real browser."""

import time

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from ecluse.store.accounts import generate_totp, set_password

PASSWORD = "correct-horse-battery"


@pytest.fixture
def totp(enclave) -> pyotp.TOTP:
    secret = generate_totp()
    set_password(enclave.root / "accounts" / "accounts.yaml", "admin-1", PASSWORD, secret)
    return pyotp.TOTP(secret)


def fill(page: Page, enclave, code: str) -> None:
    page.goto(f"{enclave.url}/hub/login")
    page.get_by_label("Name", exact=True).fill("admin-1")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code of your authenticator app").fill(code)
    page.keyboard.press("Enter")


def test_password_without_the_code_opens_nothing_and_a_code_opens_once(enclave, browser: Browser, totp) -> None:
    page = browser.new_page(ignore_https_errors=True)
    fill(page, enclave, "")
    expect(page.get_by_role("alert")).to_contain_text("A code opens once")
    code = totp.now()
    fill(page, enclave, code)
    page.wait_for_url("**/hub/home")

    other = browser.new_page(ignore_https_errors=True)
    fill(other, enclave, code)
    expect(other.get_by_role("alert")).to_contain_text("A code opens once")
    time.sleep(30 - time.time() % 30 + 0.5)
    fill(other, enclave, totp.now())
    other.wait_for_url("**/hub/home")
    page.close()
    other.close()
