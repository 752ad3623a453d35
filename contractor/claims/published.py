"""What the county publishes and the pages of claims show beside them: names of people and institutions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, LargeBinary, SmallInteger, Text, column, table

member = table(
    "published_member",
    column("county_code", Text),
    column("id", BigInteger),
    column("household_id", BigInteger),
    column("household_number", Text),
    column("township_code", Text),
    column("card_number", Text),
    column("name", Text),
    column("sex", Text),
    column("born_on", Date),
    column("is_head"),
    schema="registry",
)
institution = table(
    "published_institution",
    column("county_code", Text),
    column("institution_code", Text),
    column("name_zh", Text),
    column("name_en", Text),
    column("name_pinyin", Text),
    column("tier", SmallInteger),
    column("bank_account_sealed", LargeBinary),
    schema="registry",
)
