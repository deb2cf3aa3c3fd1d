"""Hidden channels of texts."""

from .hidden import PAYLOAD, ZERO_WIDTH, case


@case
def csv_zero_width() -> tuple[str, bytes]:
    return "t.csv", f"région,n\nNord{ZERO_WIDTH},120\nSud,133\n".encode()


@case
def csv_trailing_blanks() -> tuple[str, bytes]:
    tail = "".join("\t" if bit == "1" else " " for byte in PAYLOAD.encode() for bit in f"{byte:08b}")
    return "t.csv", f"région,n\nNord,120{tail}\nSud,133\n".encode()


@case
def text_tag_characters() -> tuple[str, bytes]:
    return "log.txt", ("n = 153 patients" + "".join(chr(0xE0000 + ord(c)) for c in PAYLOAD)).encode()


@case
def text_variation_selectors() -> tuple[str, bytes]:
    return "log.txt", ("N" + "".join(chr(0xE0100 + b) for b in PAYLOAD.encode())).encode()


@case
def text_osc_escape() -> tuple[str, bytes]:
    return "run.log", f"done\x1b]8;;{PAYLOAD}\x1b\\link\x1b]8;;\x1b\\ n = 153\n".encode()


@case
def markdown_comment() -> tuple[str, bytes]:
    return "a.md", f"# Results\n<!-- {PAYLOAD} -->\nn = 153\n\n[x]: http://example.org '{PAYLOAD}'\n".encode()


@case
def latex_comment() -> tuple[str, bytes]:
    return "a.tex", f"\\begin{{tabular}}{{lr}}\nNord & 120 \\\\ % {PAYLOAD}\nSud & 133\n\\end{{tabular}}\n".encode()


@case
def latex_metadata() -> tuple[str, bytes]:
    body = f"\\typeout{{{PAYLOAD}}}\n\\hypersetup{{pdftitle={{{PAYLOAD}}},colorlinks}}\n\\begin{{document}}\nn = 153\n"
    return "a.tex", body.encode()


@case
def json_duplicate_key() -> tuple[str, bytes]:
    return "a.json", f'{{"n": "{PAYLOAD}", "n": 120}}'.encode()
