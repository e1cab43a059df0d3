"""Questions in the shapes of ClickBench, the Join Order Benchmark and TPC-DS, in small.

`{{…}}` marks what dialects say differently; see `wellknown.py`.
"""

from typing import Final

TABLES: Final = {
    "hits": "watch_id i, event_time m, event_date d, user_id i, counter_id i, region_id i, adv_engine i,"
    " width i, search_phrase t, url t, title_of t, phone_model t, is_refresh i",
    "title": "id i, name_of t, production_year i, kind_id i",
    "company_name": "id i, company t, country_code t",
    "movie_companies": "movie_id i, company_id i, note t",
    "movie_info": "movie_id i, info t",
    "date_dim": "d_date_sk i, d_year i, d_moy i, d_day_name t, d_date d",
    "item": "i_item_sk i, i_category t, i_class t, i_brand t, i_current_price n",
    "store": "st_store_sk i, st_state t, st_name t",
    "store_sales": "ss_sold_date_sk i, ss_item_sk i, ss_store_sk i, ss_customer i, ss_ticket i,"
    " ss_quantity i, ss_sales_price n, ss_net_profit n",
}
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "search_phrase": ("", "shoes", "red shoes", "map of rome", "weather"),
    "url": ("http://example.org/a", "http://google.example/?q=1", "https://shop.example/x/y", ""),
    "title_of": ("Google - start", "Shop", "News of the day"),
    "phone_model": ("", "one", "two"),
    "name_of": ("Champion One", "The Bear", "Loser and Money", "Freddy returns"),
    "company": ("Film Works", "Warner Twenty", "Polygon"),
    "country_code": ("[us]", "[de]", "[gb]"),
    "note": ("(2006) (worldwide)", "(1999) (TV)", "(presents)", ""),
    "info": ("Drama", "Horror", "German", "Sweden", "USA"),
    "d_day_name": ("Monday", "Tuesday", "Sunday", "Saturday"),
    "i_category": ("Books", "Music", "Home"),
    "i_class": ("fiction", "rock", "bedding"),
    "st_state": ("TN", "CA"),
}
KEYS: Final = {
    "movie_id": "title", "company_id": "company_name", "d_date_sk": "date_dim",
    "ss_sold_date_sk": "date_dim", "i_item_sk": "item", "ss_item_sk": "item",
    "st_store_sk": "store", "ss_store_sk": "store", "watch_id": "hits",
}  # fmt: skip

QUESTIONS: Final = {
    "hits 1": "select count(*) from hits where adv_engine <> 0",
    "hits 2": "select sum(adv_engine), count(*), avg(width) from hits",
    "hits 3": "select count(distinct user_id), count(distinct search_phrase) from hits",
    "hits 4": "select min(event_date), max(event_date) from hits",
    "hits 5": """
select region_id, sum(adv_engine), count(*) as c, avg(width), count(distinct user_id) from hits
group by region_id order by c desc, region_id limit 10""",
    "hits 6": """
select phone_model, count(distinct user_id) as u from hits where phone_model <> '' group by phone_model
order by u desc, phone_model limit 10""",
    "hits 7": """
select user_id, {{minute event_time}} as m, search_phrase, count(*) from hits
group by user_id, m, search_phrase order by count(*) desc, 1, 2, 3 limit 10""",
    "hits 8": """
select search_phrase, min(url), count(*) as c from hits where url like '%google%' and search_phrase <> ''
group by search_phrase order by c desc, search_phrase limit 10""",
    "hits 9": """
select counter_id, avg(length(url)) as l, count(*) as c from hits where url <> '' group by counter_id
having count(*) > 5 order by l desc, counter_id limit 25""",
    "hits 10": "select sum(width), sum(width + 1), sum(width + 2), sum(width + 3), sum(width + 89) from hits",
    "hits 11": """
select case when adv_engine = 0 and region_id > 20 then url else '' end as src, title_of, count(*) as views
from hits where event_date >= {{date 1993-07-01}} and event_date <= {{date 1997-07-31}} and is_refresh > 5
group by src, title_of order by views desc, src, title_of limit 10 offset 2""",
    "hits 12": """
select {{minutely event_time}} as m, count(*) as views from hits where counter_id > 10
group by {{minutely event_time}} order by 1 limit 10 offset 10""",
    "hits 13": """
select title_of, url, count(*) as c from hits where title_of like '%Google%' and url not like '%.google.%'
group by 1, 2 order by c desc, 1, 2""",
    "join 1": """
select min(mc.note) as production_note, min(t.name_of) as movie_title, min(t.production_year) as movie_year
from company_name as cn, movie_companies as mc, title as t where cn.country_code = '[us]'
  and mc.note not like '%(TV)%' and (mc.note like '%(worldwide)%' or mc.note like '%(presents)%')
  and cn.id = mc.company_id and t.id = mc.movie_id and t.production_year between 5 and 45""",
    "join 2": """
select min(t.name_of) as movie_title from company_name as cn, movie_companies as mc, title as t,
  movie_info as mi where cn.country_code = '[de]' and mi.info in ('Sweden', 'German', 'Drama')
  and t.production_year > 10 and cn.id = mc.company_id and mc.movie_id = t.id and t.id = mi.movie_id
  and mc.movie_id = mi.movie_id""",
    "join 3": """
select min(cn.company) as one, min(mi.info) as two, min(t.name_of) as three from title as t
  inner join movie_companies as mc on t.id = mc.movie_id inner join company_name as cn
  on mc.company_id = cn.id left join movie_info as mi on mi.movie_id = t.id
where (t.name_of like '%Champion%' or t.name_of like '%Loser%') and cn.country_code <> '[gb]'""",
    "stores 3": """
select dt.d_year, item.i_brand, item.i_item_sk, sum(ss_sales_price) as sum_agg
from date_dim dt, store_sales, item where dt.d_date_sk = store_sales.ss_sold_date_sk
  and store_sales.ss_item_sk = item.i_item_sk and dt.d_moy > 5
group by dt.d_year, item.i_brand, item.i_item_sk order by dt.d_year, sum_agg desc, item.i_item_sk limit 100""",
    "stores 6": """
select a.st_state as state, count(*) as cnt from store a, store_sales s, item i
where a.st_store_sk = s.ss_store_sk and s.ss_item_sk = i.i_item_sk and i.i_current_price > 1.2 * (
  select avg(j.i_current_price) from item j where j.i_category = i.i_category)
group by a.st_state having count(*) >= 2 order by cnt, a.st_state limit 100""",
    "stores 36": """
select sum(ss_net_profit) / sum(ss_sales_price) as gross_margin, i_category, i_class
from store_sales, item, store where i_item_sk = ss_item_sk and st_store_sk = ss_store_sk
  and st_state in ('TN', 'CA') group by {{rollup i_category i_class}}""",
    "stores 44": """
select asceding.rnk, i1.i_brand as best, i2.i_brand as worst from (select item_sk, rnk from (
    select item_sk, rank() over (order by rank_col asc, item_sk) as rnk from (select ss_item_sk as item_sk,
      avg(ss_net_profit) as rank_col from store_sales group by ss_item_sk) v1) v11 where rnk < 11) asceding,
  (select item_sk, rnk from (select item_sk, rank() over (order by rank_col desc, item_sk) as rnk from (
    select ss_item_sk as item_sk, avg(ss_net_profit) as rank_col from store_sales group by ss_item_sk)
    v2) v21 where rnk < 11) descending, item i1, item i2
where asceding.rnk = descending.rnk and i1.i_item_sk = asceding.item_sk
  and i2.i_item_sk = descending.item_sk order by asceding.rnk limit 100""",
    "stores 43": """
select st_name, sum(case when d_day_name = 'Sunday' then ss_sales_price else null end) as sun_sales,
  sum(case when d_day_name = 'Monday' then ss_sales_price else null end) as mon_sales
from date_dim, store_sales, store where d_date_sk = ss_sold_date_sk and st_store_sk = ss_store_sk
group by st_name order by st_name, sun_sales, mon_sales limit 100""",
    "stores 51": """
with store_v1 as (select ss_item_sk as item_sk, d_date, sum(sum(ss_sales_price)) over (partition by
    ss_item_sk order by d_date rows between unbounded preceding and current row) as cume_sales
  from store_sales, date_dim where ss_sold_date_sk = d_date_sk and ss_item_sk is not null
  group by ss_item_sk, d_date) select item_sk, d_date, cume_sales, max(cume_sales) over (partition by
  item_sk order by d_date rows between unbounded preceding and current row) as store_cumulative
from store_v1 order by item_sk, d_date limit 100""",
    "stores 87": """
select count(*) from (select distinct ss_customer, d_date from store_sales, date_dim
    where ss_sold_date_sk = d_date_sk and d_moy < 20 except select distinct ss_customer, d_date
    from store_sales, date_dim where ss_sold_date_sk = d_date_sk and d_moy > 30) cool_cust""",
    "stores 38": """
select count(*) from (select distinct ss_customer from store_sales where ss_quantity > 20
    intersect select distinct ss_customer from store_sales where ss_quantity < 30) hot_cust""",
    "stores 98": """
select i_class, i_category, i_brand, sum(ss_sales_price) as itemrevenue, sum(ss_sales_price) * 100 /
  sum(sum(ss_sales_price)) over (partition by i_class) as revenueratio
from store_sales, item, date_dim where ss_item_sk = i_item_sk and i_category in ('Books', 'Home')
  and ss_sold_date_sk = d_date_sk and d_date between {{date 1994-02-22}}
  and {{date 1994-02-22 +300 day}} group by i_class, i_category, i_brand
order by i_category, i_class, i_brand, revenueratio""",
}
