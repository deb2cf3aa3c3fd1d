"""Readers as careless libraries are used: what they open, they follow, unpack, run and hand on. The twins of files.

They run in the checker's own image, on a network with a way to the outside, as root and without the checker's limits;
two limits of their own keep the machine alive: what needs more than `MOST` MB or `SECONDS` of processor time is told so.
"""

NAIVE = r"""
import base64, gzip, io, json, os, pickle, re, resource, select, signal, socket, sys, tarfile, time, urllib.request, zipfile, zlib
import numpy, yaml
import PIL.Image, PIL.PngImagePlugin
import openpyxl, pyarrow.parquet
from lxml import etree
from markdown_it import MarkdownIt
TASK = json.load(sys.stdin)
MOST, SECONDS = TASK["most"] << 20, TASK["seconds"]
PIL.Image.MAX_IMAGE_PIXELS = None
PIL.PngImagePlugin.MAX_TEXT_MEMORY = 1 << 40
PIL.PngImagePlugin.MAX_TEXT_CHUNK = 1 << 40

def copy(path, data):
    return data

def members(path, data):
    z = zipfile.ZipFile(io.BytesIO(data))
    for i in z.infolist():
        i._end_offset = None  # newer ones look whether entries overlap; older ones did not
    return b"".join(z.read(i) for i in z.infolist())

def nested(path, data, depth=6):
    if depth and data[:2] == b"PK":
        z = zipfile.ZipFile(io.BytesIO(data))
        return b"".join(nested(path, z.read(n), depth - 1) for n in z.namelist())
    return data

def extract(path, data):
    z = zipfile.ZipFile(io.BytesIO(data))
    os.makedirs("/tmp/naive/request", exist_ok=True)
    for i in z.infolist():
        name = i.filename if os.sep in i.filename else i.orig_filename
        to = os.path.join("/tmp/naive/request", i.orig_filename.replace("\\", "/"))
        if i.external_attr >> 28 == 10:
            os.symlink(z.read(i), to)
        elif not to.endswith("/"):
            os.makedirs(os.path.dirname(to), exist_ok=True)
            open(to, "wb").write(z.read(i))
    return b""

def untar(path, data):
    os.makedirs("/tmp/naive/request", exist_ok=True)
    tarfile.open(fileobj=io.BytesIO(data)).extractall("/tmp/naive/request")
    return b""

def write(path, data):
    to = os.path.join("/tmp/naive/request", path.replace("\\", "/"))
    os.makedirs(os.path.dirname(to), exist_ok=True)
    open(to, "wb").write(data)
    return b""

def gunzip(path, data):
    return gzip.decompress(data)

class Fetches(etree.Resolver):
    def resolve(self, url, *_):
        if url and url.startswith("http:"):
            return self.resolve_string(urllib.request.urlopen(url, timeout=3).read() and b"<x/>", _[-1])

def expand(path, data):
    if data[:2] == b"PK":
        z = zipfile.ZipFile(io.BytesIO(data))
        data = next(z.read(n) for n in z.namelist() if b"DOCTYPE" in z.read(n))
    known = dict(re.findall(rb'<!ENTITY (\w) "([^"]*)">', data))
    text = data.partition(b"]>")[2]
    while (more := re.sub(rb"&(\w);", lambda m: known[m[1]], text)) != text:
        text = more
    return text[:10]

def xml(path, data):
    text = data
    if data[:2] == b"PK":
        z = zipfile.ZipFile(io.BytesIO(data))
        text = next(z.read(n) for n in z.namelist() if b"DOCTYPE" in z.read(n) or b"XInclude" in z.read(n))
    parser = etree.XMLParser(resolve_entities=True, no_network=False, huge_tree=True, load_dtd=True)
    parser.resolvers.add(Fetches())
    tree = etree.fromstring(text, parser)
    for part in tree.iter("{http://www.w3.org/2001/XInclude}include"):
        part.text = urllib.request.urlopen(part.get("href"), timeout=3).read().decode()
    return etree.tostring(tree)

def pixels(path, data):
    return PIL.Image.open(io.BytesIO(data)).convert("RGB").tobytes()[:10]

def pixels_text(path, data):
    picture = PIL.Image.open(io.BytesIO(data))
    picture.load()
    return str(picture.text).encode()[:10]

def browser_pictures(path, data):
    return b"".join(pixels(path, base64.b64decode(m)) for m in re.findall(rb'png": "([^"]+)"', data))

def number(path, data):
    sys.set_int_max_str_digits(0)
    return str(json.loads(data)).encode()[:10]

def loads(path, data):
    sys.setrecursionlimit(10**9)
    value = json.loads(data)
    return json.dumps(value).encode()[:10]

def rows(path, data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return str(sum(1 for s in book for r in s.iter_rows())).encode()

def parquet(path, data):
    return str(len(pyarrow.parquet.read_table(io.BytesIO(data)).to_pydict())).encode()

def unpickle(path, data):
    if data[:2] == b"PK":
        z = zipfile.ZipFile(io.BytesIO(data))
        data = z.read(next(n for n in z.namelist() if n.endswith(".pkl")))
    if data[:1] == b"\x78":
        data = zlib.decompress(data)
    return repr(pickle.loads(data)).encode()

def cells(path, data):
    texts = [json.dumps(c, indent=1) for c in json.loads(data)["cells"]]
    return str(len([(json.loads(t), t.splitlines(), re.split(r"(\W)", t)) for t in texts])).encode()

def array(path, data):
    return repr(numpy.load(io.BytesIO(data), allow_pickle=True)).encode()

def skops(path, data):
    import importlib
    z = zipfile.ZipFile(io.BytesIO(data))
    s = json.loads(z.read("schema.json"))
    return repr(getattr(importlib.import_module(s["__module__"]), s["__class__"])(*s["args"])).encode()

def unyaml(path, data):
    return repr(yaml.unsafe_load(data)).encode()

def outer(path, data):
    found = re.search(rb"location\x12(.)", data, re.DOTALL)
    where = data[found.end() : found.end() + found[1][0]].decode()
    return open(os.path.join("/srv/ecluse/index/alpha", where), "rb").read()

def browser(path, data):
    text = data
    if data[:2] == b"PK":
        z = zipfile.ZipFile(io.BytesIO(data))
        text = b"\n".join(z.read(n) for n in z.namelist())
    for m in set(re.findall(rb"http://[0-9.]+/[a-z0-9]+", text)):
        urllib.request.urlopen(m.decode(), timeout=3).read()
    return data

def markdown(path, data):
    return browser(path, MarkdownIt("commonmark", {"html": True}).render(data.decode()).encode())

def streams(path, data):
    out = b""
    for m in re.finditer(rb"stream\r?\n", data):
        try:
            out += zlib.decompressobj().decompress(data[m.end():])
        except zlib.error:
            pass
    return out[:10]

def regex(path, data):
    return str(re.search(rb"^(\s*\w+[\s,;]*)+$|(\d+[ .,]?)+%|(a|aa)+$", data)).encode()[:50]

def table(path, data):
    cells = [[c for c in line.split(",")] for line in data.decode().split("\n")]
    width = max(map(len, cells))
    return str(len([r + [""] * (width - len(r)) for r in cells])).encode()

def spans(path, data):
    m = re.findall(rb"colspan=\"?(\d+)\"? rowspan=\"?(\d+)", data)
    return str(sum(len([[0] * int(c) for _ in range(int(r))]) for c, r in m)).encode()

def one(path, reader, data):
    resource.setrlimit(resource.RLIMIT_AS, (MOST + (600 << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20,) * 2)
    try:
        return {"out": base64.b64encode(globals()[reader](path, data)[:200000]).decode()}
    except MemoryError:
        return {"end": "memory"}
    except BaseException as e:
        # Decompressors tell of a lack of memory in their own words.
        return {"end": "memory"} if "memory" in str(e).lower() else {"error": f"{type(e).__name__}: {e}"[:200]}

out, waiting, running = {}, list(TASK["files"]), {}
while waiting or running:
    while waiting and len(running) < 3:
        f = waiting.pop(0)
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(1, 2)
            os.close(r)
            with os.fdopen(w, "w") as pipe:
                json.dump(one(f["path"], f["reader"], base64.b64decode(f["data"])), pipe)
            os._exit(0)
        os.close(w)
        running[r] = [f, pid, time.monotonic() + 20, b""]
    for r in select.select(list(running), [], [], 0.1)[0]:
        part = os.read(r, 1 << 20)
        running[r][3] += part
        if not part:
            f, pid, _, got = running.pop(r)
            os.close(r)
            _, status, usage = os.wait4(pid, 0)
            found = json.loads(got) if got else {"end": f"it was ended by {signal.Signals(status & 127).name}"}
            out[f["name"]] = {**found, "mb": usage.ru_maxrss >> 10}
    for r, (f, pid, end, _) in list(running.items()):
        if time.monotonic() > end:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            os.close(r)
            del running[r]
            out[f["name"]] = {"end": "no end within 20 s", "mb": 0}
print(json.dumps(out))
"""
"""Reads `{"files": [{"name", "path", "reader", "data" (base64)}], "most" (MB), "seconds"}`; prints what became of each."""

MOST, SECONDS = 400, 2
