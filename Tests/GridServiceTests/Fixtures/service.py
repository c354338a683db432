"""A stand-in for three services of grid intensities, on loopback; its figures are test data.

The first part of a path names what goes wrong: ok, null, forecast, malformed, units, late, or a status as 401.
Prints its port, and then every path that is asked for.
"""

import base64
import json
import sys
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def steps(start, end, minutes):
    """The beginnings of whole intervals that meet a span of time."""
    length = minutes * 60
    first = int(start.timestamp()) // length * length
    return [datetime.fromtimestamp(t, timezone.utc) for t in range(first, int(end.timestamp()), length)]


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, flush=True)
        parts = urlparse(self.path)
        fault, path = parts.path.strip("/").split("/", 1)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if fault == "late":
            time.sleep(3)
        if fault.isdigit():
            return self.reply(int(fault), {"error": "as ordered", "message": "as ordered"})
        if fault == "malformed":
            return self.send(200, b'{"data": [{"from": ')
        if path.startswith("v3/carbon-intensity/"):
            return self.electricity_maps(fault, path.rsplit("/", 1)[1], query)
        if path.startswith(("intensity/", "regional/intensity/")):
            return self.gb(fault, path.split("/"))
        if path == "login":
            wanted = "Basic " + base64.b64encode(b'me:se"cr\\et').decode()
            known = self.headers["Authorization"] == wanted
            return self.reply(200, {"token": "a-token"}) if known else self.reply(403, {"error": "bad login"})
        if path == "v3/historical":
            return self.watttime(fault, query)
        self.reply(404, {"message": "no such path"})

    def electricity_maps(self, fault, what, query):
        if self.headers["auth-token"] != "a-key":
            return self.reply(401, {"message": "Invalid auth-token"})
        if query.get("emissionFactorType") != "lifecycle":
            return self.reply(400, {"message": "which factors?"})
        now = datetime.now(timezone.utc)

        def point(hour, value):
            return {
                "zone": query["zone"],
                "carbonIntensity": None if fault == "null" else value,
                "datetime": hour.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "emissionFactorType": "lifecycle",
                "isEstimated": fault == "forecast",
                "estimationMethod": None,
            }

        if what == "latest":
            return self.reply(200, point(steps(now - timedelta(seconds=1), now, 60)[-1], 302))
        if what == "history":
            hours = steps(now - timedelta(hours=24), now, 60)
            return self.reply(200, {"zone": query["zone"], "history": [point(hour, 250) for hour in hours]})
        hours = steps(instant(query["start"]), instant(query["end"]), 60)
        self.reply(200, {"data": [point(hour, 200 + 10 * i) for i, hour in enumerate(hours)]})

    def gb(self, fault, words):
        regional = words[0] == "regional"
        start, end = words[2:4] if regional else words[1:3]
        points = []
        for i, half in enumerate(steps(instant(start), instant(end), 30)):
            figures = {"forecast": None if fault == "null" else 266 + i, "index": "moderate"}
            if not regional:
                figures["actual"] = None if fault in ("null", "forecast") else 263 + i
            later = half + timedelta(minutes=30)
            form = "%Y-%m-%dT%H:%MZ"
            points.append({"from": half.strftime(form), "to": later.strftime(form), "intensity": figures})
        if regional:
            return self.reply(200, {"data": {"regionid": int(words[5]), "data": points}})
        self.reply(200, {"data": points})

    def watttime(self, fault, query):
        if self.headers["Authorization"] != "Bearer a-token":
            return self.reply(401, {"error": "expired"})
        points = [
            {"point_time": at.isoformat(), "value": None if fault == "null" else 870.0, "version": "2026-01-01"}
            for at in steps(instant(query["start"]), instant(query["end"]), 5)
        ]
        meta = {
            "region": query["region"],
            "signal_type": query["signal_type"],
            "units": "percentile" if fault == "units" else "lbs_co2_per_mwh",
            "data_point_period_seconds": 300,
        }
        self.reply(200, {"data": points, "meta": meta})

    def reply(self, status, value):
        self.send(status, json.dumps(value).encode())

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_address[1], flush=True)
server.serve_forever()
