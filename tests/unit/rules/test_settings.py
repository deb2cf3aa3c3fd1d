import pytest

from ecluse.rules.settings import check_subdomains, people_origin


@pytest.mark.parametrize(
    "url", ["http://enclave.example", "https://localhost:8099", "https://192.0.2.1", "https://[2001:db8::1]:8443", ""]
)
def test_no_names_below_clear_text_addresses_and_single_labels(url: str) -> None:
    with pytest.raises(ValueError, match="subdomains need"):
        check_subdomains(url)


def test_names_below_a_host_keep_its_port() -> None:
    check_subdomains("https://enclave.example:8443")
    assert people_origin("https://enclave.example:8443") == "https://*.enclave.example:8443"
