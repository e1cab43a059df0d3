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
_MYSQL: Final = (
    """CREATE TABLE customer (id INT, name VARCHAR(40), region VARCHAR(9), tier VARCHAR(9), since DATE,
      closed BOOLEAN, referrer INT) AS SELECT seq AS id, CONCAT('Customer ', seq) AS name,
      ELT(1 + seq * 7 % 4, 'north', 'south', 'east', 'west') AS region,
      IF(seq % 9 > 0, ELT(1 + seq * 5 % 3, 'gold', 'silver', 'basic'), NULL) AS tier,
      DATE '2022-01-01' + INTERVAL seq * 11 % 700 DAY AS since, seq % 13 = 0 AS closed,
      IF(seq % 6 > 0, 1 + seq * 17 % 59, NULL) AS referrer FROM seq_1_to_60""",
    """CREATE TABLE product (id INT, name VARCHAR(40), category VARCHAR(9), price DECIMAL(10, 2),
      tags JSON) AS SELECT seq AS id, CONCAT('Product ', CHAR(64 + seq USING utf8mb4)) AS name,
      ELT(1 + seq % 3, 'food', 'tools', 'books') AS category, 5 + seq * 37 % 90 + 0.95 AS price,
      JSON_ARRAY(CONCAT('t', seq % 4), CONCAT('t', seq % 7)) AS tags FROM seq_1_to_24""",
    """CREATE TABLE sale (id INT, customer_id INT, product_id INT, day DATE, sold_at DATETIME,
      quantity INT, amount DECIMAL(10, 2), discount DOUBLE, channel VARCHAR(9), note VARCHAR(60))
      AS SELECT seq AS id, 1 + seq * 31 % 60 AS customer_id, 1 + seq * 19 % 24 AS product_id,
      DATE '2024-01-01' + INTERVAL seq * 13 % 400 DAY AS day,
      TIMESTAMP '2024-01-01 06:00:00' + INTERVAL seq * 727 MINUTE AS sold_at,
      1 + seq * 3 % 9 AS quantity, seq * 7919 % 20000 / 100.0 + 1 AS amount,
      IF(seq % 8 > 0, seq * 13 % 30 / 100, NULL) AS discount,
      ELT(1 + seq * 11 % 3, 'web', 'shop', 'phone') AS channel,
      IF(seq % 7 > 0, CONCAT('Note ', seq, ' for ', CHAR(97 + seq % 26 USING utf8mb4)), NULL) AS note
      FROM seq_1_to_700""",
    """CREATE TABLE visit (id INT, customer_id INT, at DATETIME, data JSON) AS SELECT seq AS id,
      1 + seq * 23 % 60 AS customer_id,
      TIMESTAMP '2024-01-01 06:30:00' + INTERVAL seq * 1571 MINUTE AS at,
      JSON_OBJECT('page', CONCAT('/', CHAR(97 + seq % 5 USING utf8mb4)), 'ms', seq * 137 % 5000,
        'tags', JSON_ARRAY(CONCAT('a', seq % 3), CONCAT('b', seq % 5)),
        'device', JSON_OBJECT('os', ELT(1 + seq % 3, 'mac', 'win', 'linux'))) AS data
      FROM seq_1_to_300""",
    """CREATE TABLE day (date DATE, year INT, month INT, weekend BOOLEAN) AS
      SELECT DATE '2024-01-01' + INTERVAL seq DAY AS date,
      YEAR(DATE '2024-01-01' + INTERVAL seq DAY) AS year,
      MONTH(DATE '2024-01-01' + INTERVAL seq DAY) AS month,
      WEEKDAY(DATE '2024-01-01' + INTERVAL seq DAY) > 4 AS weekend FROM seq_0_to_399""",
)
_SQLITE: Final = (
    """CREATE TABLE customer (id INTEGER, name TEXT, region TEXT, tier TEXT, since DATE,
      closed BOOLEAN, referrer INTEGER);
    INSERT INTO customer WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60)
      SELECT i, 'Customer ' || i,
      CASE i * 7 % 4 WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'east' ELSE 'west' END,
      CASE WHEN i % 9 > 0 THEN CASE i * 5 % 3 WHEN 0 THEN 'gold' WHEN 1 THEN 'silver'
        ELSE 'basic' END END, date('2022-01-01', (i * 11 % 700) || ' days'), i % 13 = 0,
      CASE WHEN i % 6 > 0 THEN 1 + i * 17 % 59 END FROM n""",
    """CREATE TABLE product (id INTEGER, name TEXT, category TEXT, price DECIMAL(10, 2), tags TEXT);
    INSERT INTO product WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 24)
      SELECT i, 'Product ' || char(64 + i),
      CASE i % 3 WHEN 0 THEN 'food' WHEN 1 THEN 'tools' ELSE 'books' END, 5 + i * 37 % 90 + 0.95,
      json_array('t' || i % 4, 't' || i % 7) FROM n""",
    """CREATE TABLE sale (id INTEGER, customer_id INTEGER, product_id INTEGER, day DATE,
      sold_at DATETIME, quantity INTEGER, amount DECIMAL(10, 2), discount REAL, channel TEXT, note TEXT);
    INSERT INTO sale WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 700)
      SELECT i, 1 + i * 31 % 60, 1 + i * 19 % 24, date('2024-01-01', (i * 13 % 400) || ' days'),
      datetime('2024-01-01 06:00:00', (i * 727) || ' minutes'), 1 + i * 3 % 9,
      i * 7919 % 20000 / 100.0 + 1, CASE WHEN i % 8 > 0 THEN i * 13 % 30 / 100.0 END,
      CASE i * 11 % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'shop' ELSE 'phone' END,
      CASE WHEN i % 7 > 0 THEN 'Note ' || i || ' for ' || char(97 + i % 26) END FROM n""",
    """CREATE TABLE visit (id INTEGER, customer_id INTEGER, at DATETIME, data JSON);
    INSERT INTO visit WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300)
      SELECT i, 1 + i * 23 % 60, datetime('2024-01-01 06:30:00', (i * 1571) || ' minutes'),
      json_object('page', '/' || char(97 + i % 5), 'ms', i * 137 % 5000,
        'tags', json_array('a' || i % 3, 'b' || i % 5), 'device',
        json_object('os', CASE i % 3 WHEN 0 THEN 'mac' WHEN 1 THEN 'win' ELSE 'linux' END)) FROM n""",
    """CREATE TABLE day (date DATE, year INTEGER, month INTEGER, weekend BOOLEAN);
    INSERT INTO day WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 400)
      SELECT date('2024-01-01', i || ' days'),
      CAST(strftime('%Y', '2024-01-01', i || ' days') AS INTEGER),
      CAST(strftime('%m', '2024-01-01', i || ' days') AS INTEGER),
      strftime('%w', '2024-01-01', i || ' days') IN ('0', '6') FROM n""",
)
# name -> the statements that make the table
POSTGRES: Final = dict(zip(ROWS, _POSTGRES, strict=True))
# name -> the query whose result is the table
DUCKDB: Final = dict(zip(ROWS, _DUCKDB, strict=True))
MYSQL: Final = dict(zip(ROWS, _MYSQL, strict=True))
SQLITE: Final = dict(zip(ROWS, _SQLITE, strict=True))
COLUMNS: Final = frozenset(
    {
        "id", "name", "region", "tier", "since", "closed", "referrer", "category", "price", "tags",
        "customer_id", "product_id", "day", "sold_at", "quantity", "amount", "discount", "channel",
        "note", "at", "data", "date", "year", "month", "weekend",
    }
)  # fmt: skip
"""Every column, as a scope of SQLite's lists them."""
