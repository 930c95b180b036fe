"""A pricing folder in which every file stands, for tests that read it or spoil it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROCEDURE = """
id = "everything"
version = 3
time_zone = "Asia/Shanghai"

[facts]
"customer.since" = "date"
"customer.seats" = "number"
"order.region" = "text"
"line.colour" = "text"

[[condition_types]]
id = "loyalty"
kind = "discount"
calculation = "percent"

[[condition_types]]
id = "freight"
kind = "freight"
calculation = "amount_per_line"

[[condition_types]]
id = "bulk"
kind = "discount"
calculation = "percent"

[[steps]]
type = "ListPrice"
id = "list"
required = false

[[steps]]
type = "OptionExtras"
id = "options"

[[steps]]
type = "PriceListRules"
id = "price list"

[[steps]]
type = "QuantityTiers"
id = "volume"

[[steps]]
type = "Discounts"
id = "contract"
rules = [
  { id = "vip-5", percent = "5%", condition = "customer.segment == 'vip'", valid_from = 2026-01-01, valid_to = 2027-01-01 },
]

[[steps]]
type = "PricingStep"
id = "loyalty"
type_id = "loyalty"

[[steps]]
type = "PricingStep"
id = "bulk"
type_id = "bulk"

[[steps]]
type = "PricingStep"
id = "freight"
type_id = "freight"

[[steps]]
type = "RoundLines"
id = "cents"

[[steps]]
type = "Promotions"
id = "promotions"
"""

FILES = {
    "procedure.toml": PROCEDURE,
    "prices.csv": """\
id,product,currency,amount,customer,segment,valid_from,valid_to
p-dock,dock,CNY,1000.00,,,,
p-laptop,laptop-14,CNY,10000.00,,,2026-01-01,
p-laptop-acme,laptop-14,CNY,9500.00,acme,,2026-01-01,2027-01-01
p-bike,bike,CNY,6000,,,,
""",
    "tiers.csv": """\
id,product,family,lower,upper,percent,unit_price,currency
t-1,laptop-14,,10,50,10%,,
t-2,laptop-14,,50,,12%,,
t-3,,accessories,20,,,900,CNY
""",
    "options.csv": """\
id,product,attribute,value,currency,amount
o-1,bike,frame,carbon,CNY,3000.00
o-2,bike,frame,steel,CNY,-200.00
""",
    "products.csv": """\
id,name,family,unit,cost,currency,active,parent,brand,category,weight,volume
laptop,Laptop,laptops,piece,,,true,,Acme,computers,,
laptop-14,"Laptop, 14 inch",laptops,piece,7000,CNY,true,laptop,Acme,computers,1.4,
dock,Dock,accessories,piece,600,CNY,true,,Acme,docks,0.3,0.001
bike,Bike,bikes,piece,3500,CNY,true,,Velo,bikes,9.5,
""",
    "categories.csv": "category,parent\ncomputers,electronics\ndocks,electronics\nelectronics,\n",
    "units.csv": "code,base,factor,per\nbox,piece,6,\npallet,box,40,\nseat,,,\n",
    "rates.csv": "base,quote,rate,date\nEUR,CNY,7.85,2026-01-05\nEUR,CNY,7.90,2026-02-02\nUSD,CNY,7.20,2026-01-05\n",
    "conditions.csv": """\
id,type,customer.segment,order.region,line.product,amount,currency,percent,scale,per_quantity,min_quantity,max_quantity,uom,valid_from,valid_to,priority,condition,combinable,excludes,lower_limit,upper_limit,reason,version
r-1,loyalty,gold,,,,,3%,,,,,,2026-01-01,2027-01-01,5,customer.seats >= 10,true,,,500,agreed in the fair,2
r-2,freight,,north,,120.00,CNY,,,,,,,2026-03-02T09:00+08:00,2026-06-30T18:00:00Z,,,,,,,,
r-3,bulk,,,dock,,,,docks,1,1,1000,piece,,,,,false,loyalty;freight,,,,
""",
    "scales.toml": """
[[scales]]
id = "docks"
tiers = [{ upper = 10, percent = "0%" }, { upper = 100, percent = "4%" }, { percent = "6%" }]
""",
    "price_lists.toml": """
preset = "odoo"

[[lists]]
id = "retail"
currency = "CNY"

[[lists]]
id = "partner"
currency = "CNY"
based_on = "retail"
rules = [{ id = "partner-all", percent_off = "2.5" }]
""",
    "price_rules.csv": """\
list,id,product,category,customer,order.region,min_quantity,max_quantity,valid_from,valid_to,priority,base,base_price_list,price,percent_off,round_to,round_mode,ending,floor,ceiling,condition,combinable,quantity_scope,steps,reference,apply_to.line.product
retail,l-1,laptop,,,,,,2026-01-01,2026-07-01T00:00+08:00,,,,9800.00,,,,,,,,,,,price,
retail,l-2,,electronics,,north,5,,,,2,list,,,10%,1,half_up,0.99,5,99999,customer.seats >= 3,false,line,discount;round,base,
partner,l-3,,,acme,,,,,,,price_list,retail,,7.5,,,,,,,,,,,
partner,l-4,dock,,,,,,,,,,,,3,,,,,,,,all_matching_lines,,,dock
""",
    "promotions.toml": """
preset = "solidus"

[[promotions]]
id = "spring"
name = "Spring"
benefit = { type = "PercentOff", percent = "10%" }
condition = { min_amount = "500 CNY" }
valid_from = 2026-03-01T00:00:00+08:00
valid_to = 2026-04-01T00:00:00+08:00

[[promotions]]
id = "welcome"
trigger = "code"
benefit = { type = "AmountOff", amount = "50 CNY" }
max_discount = "50 CNY"

[[coupons]]
code = "WELCOME-17"
promotion = "welcome"
max_uses = 1
""",
}
"""The text of each file, by its name."""


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder, made when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
