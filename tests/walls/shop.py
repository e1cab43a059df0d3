"""A small shop, the same rows in every engine: what the generated analytics are about.

The rows come from a linear congruence written in SQL, so that every engine makes its own copy.
"""

from typing import Final

ROWS: Final = {"customer": 60, "product": 24, "sale": 700, "visit": 300, "day": 400}

_POSTGRES: Final = (
    """CREATE TABLE customer AS SELECT i AS id, 'Customer ' || i AS name,
      (ARRAY['north', 'south', 'east', 'west'])[1 + i * 7 % 4] AS region,
      CASE WHEN i % 9 > 0 THEN (ARRAY['gold', 'silver', 'basic'])[1 + i * 5 % 3] END AS tier,
      date '2022-01-01' + i * 11 % 700 AS since, i % 13 = 0 AS closed,
      CASE WHEN i % 6 > 0 THEN 1 + i * 17 % 59 END AS referrer
      FROM generate_series(1, 60) i""",
    """CREATE TABLE product AS SELECT i AS id, 'Product ' || chr(64 + i) AS name,
      (ARRAY['food', 'tools', 'books'])[1 + i % 3] AS category,
      (5 + i * 37 % 90 + 0.95)::numeric(10, 2) AS price,
      ARRAY['t' || i % 4, 't' || i % 7] AS tags
      FROM generate_series(1, 24) i""",
    """CREATE TABLE sale AS SELECT i AS id, 1 + i * 31 % 60 AS customer_id,
      1 + i * 19 % 24 AS product_id, date '2024-01-01' + i * 13 % 400 AS day,
      timestamp '2024-01-01 06:00:00' + i * interval '12 hours 7 minutes' AS sold_at,
      1 + i * 3 % 9 AS quantity, (i * 7919 % 20000 / 100.0 + 1)::numeric(10, 2) AS amount,
      CASE WHEN i % 8 > 0 THEN (i * 13 % 30 / 100.0)::double precision END AS discount,
      (ARRAY['web', 'shop', 'phone'])[1 + i * 11 % 3] AS channel,
      CASE WHEN i % 7 > 0 THEN 'Note ' || i || ' for ' || chr(97 + i % 26) END AS note
      FROM generate_series(1, 700) i""",
    """CREATE TABLE visit AS SELECT i AS id, 1 + i * 23 % 60 AS customer_id,
      timestamp '2024-01-01 06:30:00' + i * interval '26 hours 11 minutes' AS at,
      jsonb_build_object('page', '/' || chr(97 + i % 5), 'ms', i * 137 % 5000,
        'tags', jsonb_build_array('a' || i % 3, 'b' || i % 5),
        'device', jsonb_build_object('os', (ARRAY['mac', 'win', 'linux'])[1 + i % 3])) AS data
      FROM generate_series(1, 300) i""",
    """CREATE TABLE day AS SELECT date '2024-01-01' + i AS date,
      extract(year FROM date '2024-01-01' + i)::int AS year,
      extract(month FROM date '2024-01-01' + i)::int AS month,
      extract(isodow FROM date '2024-01-01' + i) > 5 AS weekend
      FROM generate_series(0, 399) i""",
)
_DUCKDB: Final = (
    """SELECT i::INTEGER AS id, 'Customer ' || i AS name,
      (['north', 'south', 'east', 'west'])[1 + i * 7 % 4] AS region,
      CASE WHEN i % 9 > 0 THEN (['gold', 'silver', 'basic'])[1 + i * 5 % 3] END AS tier,
      date '2022-01-01' + (i * 11 % 700)::INTEGER AS since, i % 13 = 0 AS closed,
      CASE WHEN i % 6 > 0 THEN (1 + i * 17 % 59)::INTEGER END AS referrer FROM range(1, 61) r(i)""",
    """SELECT i::INTEGER AS id, 'Product ' || chr((64 + i)::INTEGER) AS name,
      (['food', 'tools', 'books'])[1 + i % 3] AS category,
      (5 + i * 37 % 90 + 0.95)::DECIMAL(10, 2) AS price,
      ['t' || i % 4, 't' || i % 7] AS tags FROM range(1, 25) r(i)""",
    """SELECT i::INTEGER AS id, (1 + i * 31 % 60)::INTEGER AS customer_id,
      (1 + i * 19 % 24)::INTEGER AS product_id, date '2024-01-01' + (i * 13 % 400)::INTEGER AS day,
      timestamp '2024-01-01 06:00:00' + i * interval '727 minutes' AS sold_at,
      (1 + i * 3 % 9)::INTEGER AS quantity,
      (i * 7919 % 20000 / 100.0 + 1)::DECIMAL(10, 2) AS amount,
      CASE WHEN i % 8 > 0 THEN (i * 13 % 30 / 100.0)::DOUBLE END AS discount,
      (['web', 'shop', 'phone'])[1 + i * 11 % 3] AS channel,
      CASE WHEN i % 7 > 0 THEN 'Note ' || i || ' for ' || chr((97 + i % 26)::INTEGER) END AS note
      FROM range(1, 701) r(i)""",
    """SELECT i::INTEGER AS id, (1 + i * 23 % 60)::INTEGER AS customer_id,
      timestamp '2024-01-01 06:30:00' + i * interval '1571 minutes' AS at,
      json_object('page', '/' || chr((97 + i % 5)::INTEGER), 'ms', i * 137 % 5000,
        'tags', ['a' || i % 3, 'b' || i % 5],
        'device', {'os': (['mac', 'win', 'linux'])[1 + i % 3]}) AS data FROM range(1, 301) r(i)""",
    """SELECT date '2024-01-01' + i::INTEGER AS date,
      extract(year FROM date '2024-01-01' + i::INTEGER)::INTEGER AS year,
      extract(month FROM date '2024-01-01' + i::INTEGER)::INTEGER AS month,
      extract(isodow FROM date '2024-01-01' + i::INTEGER) > 5 AS weekend
      FROM range(0, 400) r(i)""",
)
# name -> the statement that makes the table
POSTGRES: Final = dict(zip(ROWS, _POSTGRES, strict=True))
# name -> the query whose result is the table
DUCKDB: Final = dict(zip(ROWS, _DUCKDB, strict=True))
