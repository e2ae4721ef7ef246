"""The fetcher in a network of its own, where every forbidden address answers and dials are counted.

See `rig.py`. The tests need the right to make a network namespace (root, or user namespaces) and
are skipped where there is none.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

RIG = Path(__file__).parent / "rig.py"
DATA = Path(os.environ.get("DRIFT_DATA", "../shared/data")).parent / "security"
VECTORS = DATA / "ssrf_vectors.jsonl"

# Written for this repository, by form; the long list is not always at hand.
OWN = [
    *(
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0/",
    ),
    *("http://0177.0.0.1/", "http://127。0。0。1/", "http://①②⑦.0.0.1/", "http://%31%32%37.0.0.1/"),
    *("http://10.0.0.5/", "http://192.168.0.1/", "http://172.16.0.1/", "http://100.64.0.1/"),
    *("http://169.254.169.254/latest/", "http://168.63.129.16/", "http://192.0.0.192/"),
    *("http://224.0.0.1/", "http://255.255.255.255/", "http://192.88.99.1/", "http://198.18.0.1/"),
    *("http://[::1]/", "http://[::]/", "http://[::ffff:10.0.0.5]/", "http://[::10.0.0.5]/"),
    *("http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a00:5]/", "http://[2002:a00:5::1]/"),
    *("http://[2001::1]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[fec0::1]/"),
    *("http://[ff02::1]/", "http://[3fff::1]/", "http://[2001:db8::1]/", "http://[5f00::1]/"),
    *("http://[2606:4700::5efe:a00:5]/", "http://[2606:4700::200:5efe:a00:5]/"),
    *("http://localhost/", "http://x.internal/", "http://x.local./", "http://metadata/"),
    *("http://example.com:22/", "http://example.com:8080/", "http://a:b@example.com/"),
    *("http://example.com@10.0.0.5/", "http:\\\\10.0.0.5/", "file:///etc/passwd", "gopher://x/"),
]


@cache
def prefix():
    """Give the command that makes a network namespace here, or nothing."""
    if not (sys.platform == "linux" and shutil.which("unshare") and shutil.which("openssl")):
        return None
    for flags in (["-n", "-m"], ["-U", "-r", "-n", "-m"]):
        probe = "ip link set lo up && mount --bind /etc/hostname /etc/hostname"
        done = subprocess.run(
            ["unshare", *flags, "sh", "-c", probe], check=False, capture_output=True
        )
        if done.returncode == 0:
            return ["unshare", *flags]
    return None


def rig(scenario, argument=""):
    command = prefix()
    if command is None:
        pytest.skip("network namespaces are not permitted here")
    pytest.importorskip("dnslib", reason="the scripted name server needs dnslib")
    words = [*command, sys.executable, str(RIG), scenario, str(argument)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def own_vectors(tmp_path_factory):
    """Write our own cases in the form of the long list."""
    path = tmp_path_factory.mktemp("vectors") / "own.jsonl"
    cases = [{"id": url, "url": url, "expect": "block"} for url in OWN]
    public = {"start.example": ["93.184.215.14"], "example.com": ["93.184.215.14"]}
    moved = {"url": "http://start.example/", "expect": "block", "status": 302, "dns": public}
    cases += [{"id": f"to {target}", **moved, "location": target} for target in OWN]
    for answers in ([["10.0.0.5"]], [["93.184.215.14", "10.0.0.5"]], [["::1"], ["93.184.215.14"]]):
        case = {"id": str(answers), "url": "http://attacker.example/", "expect": "block"}
        cases.append({**case, "dns_seq": answers})
    for url in ("http://example.com/", "https://example.com/a", "http://example.com:80/"):
        cases.append({"id": url, "url": url, "expect": "allow", "dns": public})
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def test_no_forbidden_address_is_dialled(own_vectors):
    result = rig("vectors", own_vectors)
    assert result["cases"] > 90
    assert result["forbidden"] == []
    assert result.get("fetched", []) == []
    assert (result["allowed_ok"], result["allowed"]) == (3, 3)
    assert len(result["messages"]) == 2  # one refusal for all, and "fetched 200"


def test_the_rig_sees_what_it_is_there_to_see(own_vectors):
    """Without the guard, the same cases must be dialled: else nothing above proves anything."""
    result = rig("unguarded", own_vectors)
    assert len(result["forbidden"]) > 30


@pytest.mark.slow
@pytest.mark.skipif(not VECTORS.is_file(), reason="the long list of cases is not at hand")
def test_the_long_list():
    result = rig("vectors", VECTORS.resolve())
    assert result["cases"] > 1_700
    assert result["forbidden"] == []
    assert result.get("fetched", []) == []
    assert result["allowed_ok"] == result["allowed"] > 0
    assert len(result["messages"]) == 2


def test_the_command_line(own_vectors):
    pytest.importorskip("drift.commands.batch", reason="this checkout has no command line")
    result = rig("cli", own_vectors)
    assert result["forbidden"] == []
    assert (result["code"], result["rows"]) == (0, result["cases"]), result["tail"]
    assert result["allowed_ok"] == result["allowed"] > 0
    assert result["errors"] == result["cases"] - result["allowed"]


@pytest.mark.slow
@pytest.mark.skipif(not VECTORS.is_file(), reason="the long list of cases is not at hand")
def test_the_long_list_by_the_command_line():
    plain, scripted = rig("cli", VECTORS.resolve()), rig("scripted", VECTORS.resolve())
    assert plain["cases"] + scripted["cases"] > 1_700
    assert plain["forbidden"] == scripted["forbidden"] == []


def test_names_that_change_their_answer():
    result = rig("rebinding", 400)
    assert result["forbidden"] == []
    assert 0 < result["fetched"] < 400  # the public answers work, the others do not


def test_proxies_and_passwords_of_the_environment_are_ignored():
    result = rig("environment")
    assert result["dialled"] == [["93.184.215.14", 80], ["93.184.215.14", 443]]
    assert result["leaked"] == []


def test_a_refusal_tells_nothing():
    result = rig("sameness")
    assert len(result["answers"]) == 1
    assert result["shortest"] >= 0.3


@pytest.mark.slow
def test_hostile_servers():
    """Every misbehaviour ends in time and within its memory, fetched and read."""
    result = rig("hostile")
    assert len(result) > 50
    for name, seen in result.items():
        # A machine that is overloaded delays us and the heartbeat alike; that much is forgiven.
        assert seen["fetch"] - seen["late"] <= 10, (name, seen)
        assert seen["seconds"] - 2 * seen["late"] <= 10, (name, seen)
        assert seen["bytes"] <= 2_000_000, (name, seen)
        assert seen["grown_mib"] <= 64, (name, seen)
