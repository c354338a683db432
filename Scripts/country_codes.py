"""Writes Sources/Carbon/country-codes.csv: the countries of the table of grids with their three letters (ISO 3166-1).

Needs pycountry (pip install pycountry), which holds the standard's codes. Zones that are no country of the standard have
no row.
"""

import csv
import pathlib

import pycountry

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Sources" / "Carbon"

with open(FOLDER / "grid-intensity.csv", newline="") as table:
    zones = sorted({row["code"] for row in csv.DictReader(table) if len(row["code"]) == 2})
with open(FOLDER / "country-codes.csv", "w", newline="") as table:
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["alpha_2", "alpha_3"])
    for zone in zones:
        country = pycountry.countries.get(alpha_2=zone)
        if country:
            writer.writerow([zone, country.alpha_3])
