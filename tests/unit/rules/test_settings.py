import pytest

from ecluse.rules.settings import check_subdomains, people_origin, told


@pytest.mark.parametrize(
    "url", ["http://enclave.example", "https://localhost:8099", "https://192.0.2.1", "https://[2001:db8::1]:8443", ""]
)
def test_no_names_below_clear_text_addresses_and_single_labels(url: str) -> None:
    with pytest.raises(ValueError, match="subdomains need"):
        check_subdomains(url)


def test_names_below_a_host_keep_its_port() -> None:
    check_subdomains("https://enclave.example:8443")
    assert people_origin("https://enclave.example:8443") == "https://*.enclave.example:8443"


def test_what_is_told_has_a_database_where_the_service_wants_one() -> None:
    assert told({"ECLUSE_ROOT": "/data", "ECLUSE_URL": "", "HOME": "/root"}, {"root", "url"}) == {"root": "/data"}
    assert told({"ECLUSE_ROOT": "/data"}, {"root", "database"})["database"] == "sqlite:////data/control/ecluse.sqlite"
    assert told({}, {"database"})["database"] == "sqlite:////srv/ecluse/control/ecluse.sqlite"


def test_numbers_of_gpus_are_numbers_and_their_names_are_not() -> None:
    assert told({"ECLUSE_GPUS": "2"}, {"gpus"}) == {"gpus": 2}
    assert told({"ECLUSE_GPUS": "GPU-1,GPU-2"}, {"gpus"}) == {"gpus": "GPU-1,GPU-2"}
