"""The three clients that logd's users already have, as the HTTP interface describes them: a simulator, a syslog reader and a
Windows event reader, each posting one entry at a time with requests. usage: seed-clients.py URL; prints the ids as JSON."""
import json
import socket
import sys

import requests

url = sys.argv[1]


def send_log(level, message, client_id):
    response = requests.post(
        url + "/log", json={"level": level, "message": message, "client_id": client_id}, timeout=5
    )
    response.raise_for_status()
    body = response.json()
    assert response.status_code == 201 and body["status"] == "logged", response.text
    return body["id"]


ids = []
for number, level in enumerate(["INFO", "WARNING", "ERROR", "INFO"]):
    ids.append(send_log(level, "User logged in successfully. %d" % number, "Client_1234"))
ids.append(send_log("INFO", "Client application shutting down.", "Client_1234"))
ids.append(send_log("INFO", "Syslog | Jun  9 06:06:20 combo syslogd 1.4.1: restart.", "LinuxClient_" + socket.gethostname()))
ids.append(
    send_log(
        "info",
        "WinEventLog | Log: System | Time: 2025-05-01 10:00:00 | Source: Service Control Manager | EventID: 7036 | "
        "Level: INFO | Computer: PC | Message: The \u00c9vent service\r\nentered the stopped state. C:\\xampp\\x41\ttab {\"a\":1}\t{\"b\":2}",
        "EventLogClient_PC",
    )
)
bad = requests.post(url + "/log", json={"level": "INFO", "client_id": "Client_1234"}, timeout=5)
assert bad.status_code == 400, bad.status_code
print(json.dumps(ids))
