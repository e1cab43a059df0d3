"""Decision-support queries in the shapes of the well-known suites, about the shop, in plain SQL.

They run in every dialect as they are. Shapes: summaries, correlated minima, market share, counts
of counts, waiting lists; channels in one report, cumulative comparisons, ranks over rollups.
"""

from typing import Final

DECISIONS: Final[dict[str, str]] = {
    "pricing summary": """
select channel, quantity > 5 as large, sum(quantity) as sum_qty, sum(amount) as base,
  sum(amount * (1 - coalesce(discount, 0))) as disc_price, avg(quantity) as avg_qty, count(*) as n
from sale where day <= date '2024-12-01' - interval '90' day
group by channel, quantity > 5 order by channel, large""",
    "cheapest in its class": """
select p.id, p.name, p.price from product p, sale s where p.id = s.product_id
  and p.category like '%oo%' and p.price = (select min(q.price) from product q, sale t
    where q.category = p.category and t.product_id = q.id and t.channel = 'web')
group by p.id, p.name, p.price order by p.price desc, p.name limit 100""",
    "open orders by value": """
select s.customer_id, sum(s.amount * (1 - coalesce(s.discount, 0))) as revenue, min(s.day) as since
from customer c, sale s where c.region = 'north' and c.id = s.customer_id
  and s.day < date '2024-06-15' group by s.customer_id order by revenue desc, since limit 10""",
    "priority check": """
select tier, count(*) as customers from customer c where c.since >= date '2022-01-01'
  and c.since < date '2022-01-01' + interval '3' month and exists (select * from sale s
    where s.customer_id = c.id and s.quantity < 4) group by tier order by tier""",
    "local volume": """
select c.region, sum(s.amount * (1 - coalesce(s.discount, 0))) as revenue
from customer c, sale s, product p where c.id = s.customer_id and s.product_id = p.id
  and p.category = 'food' and s.day >= date '2024-01-01' and s.day < date '2024-01-01' + interval '1' year
group by c.region order by revenue desc""",
    "forecast": """
select sum(amount * discount) as revenue from sale where day >= date '2024-01-01'
  and day < date '2024-01-01' + interval '1' year and discount between 0.06 - 0.01 and 0.06 + 0.01
  and quantity < 8""",
    "volume between groups": """
select one, two, year, sum(volume) as revenue from (select a.region as one, b.region as two,
    extract(year from s.day) as year, s.amount * (1 - coalesce(s.discount, 0)) as volume
  from customer a, customer b, sale s where s.customer_id = a.id and a.referrer = b.id
    and ((a.region = 'north' and b.region = 'south') or (a.region = 'south' and b.region = 'north'))
    and s.day between date '2024-01-01' and date '2025-12-31') as shipping
group by one, two, year order by one, two, year""",
    "market share": """
select year, sum(case when category = 'tools' then volume else 0 end) / sum(volume) as share
from (select extract(year from s.day) as year, s.amount as volume, p.category from sale s, product p,
    customer c where s.product_id = p.id and s.customer_id = c.id and c.region in ('east', 'west')) t
group by year order by year""",
    "profit by kind and year": """
select kind, year, sum(profit) as profit from (select p.category as kind, extract(year from s.day)
  as year, s.amount * (1 - coalesce(s.discount, 0)) - p.price * s.quantity as profit
  from product p, sale s where s.product_id = p.id and p.name like '%o%') as x
group by kind, year order by kind, year desc""",
    "lost revenue": """
select c.id, c.name, sum(s.amount) as revenue, c.tier, c.region from customer c, sale s
where c.id = s.customer_id and s.day >= date '2024-03-01' and s.day < date '2024-03-01' + interval '3'
  month and s.channel = 'phone' group by c.id, c.name, c.tier, c.region
order by revenue desc, c.id limit 20""",
    "important stock": """
select product_id, sum(amount * quantity) as value from sale where channel = 'web' group by product_id
having sum(amount * quantity) > (select sum(amount * quantity) * 0.05 from sale
  where channel = 'web') order by value desc""",
    "modes and priorities": """
select s.channel, sum(case when c.tier = 'gold' or c.tier = 'silver' then 1 else 0 end) as high,
  sum(case when c.tier <> 'gold' and c.tier <> 'silver' then 1 else 0 end) as low
from customer c, sale s where c.id = s.customer_id and s.channel in ('web', 'shop')
  and s.day < date '2024-09-01' group by s.channel order by s.channel""",
    "counts of counts": """
select n, count(*) as customers from (select c.id, count(v.id) from customer c left outer join visit v
  on c.id = v.customer_id and v.id not in (select id from visit where id between 10 and 20)
  group by c.id) as counted (id, n) group by n order by customers desc, n desc""",
    "promotion effect": """
select 100.00 * sum(case when p.category like 'f%' then s.amount * (1 - coalesce(s.discount, 0))
  else 0 end) / sum(s.amount * (1 - coalesce(s.discount, 0))) as share from sale s, product p
where s.product_id = p.id and s.day >= date '2024-02-01' and s.day < date '2024-02-01' + interval '1'
  month""",
    "top seller": """
with revenue (id, total) as (select product_id, sum(amount) from sale where day >= date '2024-01-01'
  and day < date '2024-01-01' + interval '3' month group by product_id)
select p.id, p.name, r.total from product p, revenue r where p.id = r.id
  and r.total = (select max(total) from revenue) order by p.id""",
    "relationships": """
select p.category, s.channel, count(distinct s.customer_id) as buyers from sale s, product p
where p.id = s.product_id and p.category <> 'books' and p.name not like 'Product A%'
  and s.quantity in (1, 4, 7, 3) and s.customer_id not in (select id from customer where closed)
group by p.category, s.channel order by buyers desc, p.category, s.channel""",
    "small quantities": """
select sum(s.amount) / 7.0 as yearly from sale s, product p where p.id = s.product_id
  and p.category = 'food' and s.quantity < (select 0.8 * avg(t.quantity) from sale t
    where t.product_id = p.id)""",
    "large customers": """
select c.name, c.id, s.id as sale, s.day, sum(s.quantity) from customer c, sale s where s.customer_id in
  (select customer_id from sale group by customer_id having sum(quantity) > 55)
  and c.id = s.customer_id group by c.name, c.id, s.id, s.day order by s.day, s.id limit 100""",
    "either or": """
select sum(s.amount * (1 - coalesce(s.discount, 0))) as revenue from sale s, product p
where (p.id = s.product_id and p.category = 'food' and s.quantity >= 1 and s.quantity <= 1 + 3
    and p.price between 1 and 50 and s.channel in ('web', 'shop'))
  or (p.id = s.product_id and p.category in ('tools', 'books') and s.quantity >= 5 and s.channel = 'phone')""",
    "nested candidates": """
select c.name, c.region from customer c where c.id in (select s.customer_id from sale s
  where s.product_id in (select id from product where name like 'Product%' and price > 30)
    and s.quantity > (select 0.5 * avg(t.quantity) from sale t where t.product_id = s.product_id
      and t.day >= date '2024-01-01')) and c.region = 'east' order by c.name""",
    "kept waiting": """
select c.name, count(*) as waits from customer c, sale a where c.id = a.customer_id
  and exists (select * from sale b where b.day = a.day and b.customer_id <> a.customer_id)
  and not exists (select * from sale d where d.day = a.day and d.customer_id <> a.customer_id
    and d.quantity > a.quantity) group by c.name order by waits desc, c.name limit 100""",
    "chances": """
select code, count(*) as customers, sum(id) as total from (select substring(name from 10 for 1)
  as code, id from customer c where substring(name from 10 for 1) in ('1', '3', '5')
  and c.id > (select avg(id) from customer where id > 0) and not exists (select * from sale s
    where s.customer_id = c.id and s.quantity = 9)) as x group by code order by code""",
    "returns above average": """
with returned as (select customer_id, channel, sum(amount) as total from sale where note is not null
  group by customer_id, channel) select c.name from returned r, customer c
where r.total > (select avg(total) * 1.2 from returned q where r.channel = q.channel)
  and c.id = r.customer_id and c.region = 'south' order by c.name limit 100""",
    "week against week": """
with weekly as (select extract(week from day) as w, extract(year from day) as y,
    sum(case when channel = 'web' then amount else null end) as web,
    sum(case when channel = 'shop' then amount else null end) as shop from sale group by 1, 2)
select a.w, a.web / nullif(b.web, 0) as web, a.shop / nullif(b.shop, 0) as shop
from weekly a join weekly b on a.w = b.w + 1 and a.y = b.y order by a.w, a.y""",
    "channels in one report": """
with web as (select product_id, sum(amount) as sales from sale where channel = 'web' group by 1),
  shop as (select product_id, sum(amount) as sales from sale where channel = 'shop' group by 1)
select channel, id, sum(sales) as sales from (select 'web' as channel, product_id as id, sales from web
  union all select 'shop', product_id, sales from shop) x group by rollup (channel, id)
order by channel nulls last, id nulls last limit 100""",
    "rank over rollup": """
select sum(s.amount) as total, p.category, s.channel, grouping(p.category) + grouping(s.channel) as level,
  rank() over (partition by grouping(p.category) + grouping(s.channel),
    case when grouping(s.channel) = 0 then p.category end order by sum(s.amount) desc) as place
from sale s, product p where p.id = s.product_id group by rollup (p.category, s.channel)
order by level desc, case when grouping(p.category) + grouping(s.channel) = 0 then p.category end
  nulls first, place limit 100""",
    "in all channels": """
select count(*) from (select distinct customer_id from sale where channel = 'web'
  intersect select distinct customer_id from sale where channel = 'shop'
  intersect select distinct customer_id from sale where channel = 'phone') hot""",
    "in one but not another": """
select count(*) from ((select distinct customer_id, day from sale where channel = 'web')
  except (select distinct customer_id, day from sale where channel = 'shop')) cool""",
    "share of class": """
select p.name, p.category, sum(s.amount) as revenue, sum(s.amount) * 100 / sum(sum(s.amount))
  over (partition by p.category) as ratio from sale s, product p where s.product_id = p.id
  and s.day between cast('2024-02-22' as date) and cast('2024-02-22' as date) + interval '30' day
group by p.name, p.category order by p.category, p.name, ratio""",
    "buckets": """
select case when (select count(*) from sale where quantity between 1 and 3) > 100
    then (select avg(amount) from sale where quantity between 1 and 3)
    else (select avg(discount) from sale where quantity between 1 and 3) end as bucket1,
  case when (select count(*) from sale where quantity between 4 and 6) > 1000
    then (select avg(amount) from sale where quantity between 4 and 6)
    else (select max(amount) from sale where quantity between 4 and 6) end as bucket2
from product where id = 1""",
    "either seen or bought": """
select c.region, c.tier, count(*) as n from customer c where exists (select * from visit v
  where v.customer_id = c.id and v.id > 200) and (exists (select * from sale s where s.customer_id = c.id
  and s.channel = 'web') or exists (select * from sale s where s.customer_id = c.id
  and s.channel = 'phone')) group by c.region, c.tier order by c.region, c.tier nulls first""",
    "variation": """
with inv as (select product_id, extract(month from day) as moy, stddev_samp(quantity) as sd,
    avg(quantity) as mean from sale group by product_id, extract(month from day))
select a.product_id, a.moy, a.mean, case a.mean when 0 then null else a.sd / a.mean end as cov
from inv a where case a.mean when 0 then 0 else a.sd / a.mean end > 0.5 order by 1, 2""",
    "moving neighbours": """
with monthly as (select p.category, extract(year from s.day) as y, extract(month from s.day) as m,
    sum(s.amount) as total, avg(sum(s.amount)) over (partition by p.category, extract(year from s.day))
      as mean, rank() over (partition by p.category order by extract(year from s.day),
      extract(month from s.day)) as rn from sale s join product p on p.id = s.product_id group by 1, 2, 3)
select a.category, a.y, a.m, a.total, lag.total as before, lead.total as after from monthly a
join monthly lag on a.category = lag.category and a.rn = lag.rn + 1
join monthly lead on a.category = lead.category and a.rn = lead.rn - 1
where a.mean > 0 and abs(a.total - a.mean) / a.mean > 0.1 order by a.total - a.mean, 1, 2, 3""",
    "running totals compared": """
with web as (select customer_id, day, sum(sum(amount)) over (partition by customer_id order by day
    rows between unbounded preceding and current row) as total from sale where channel = 'web'
    group by customer_id, day), shop as (select customer_id, day, sum(sum(amount)) over (partition by
    customer_id order by day rows between unbounded preceding and current row) as total from sale
    where channel = 'shop' group by customer_id, day)
select * from (select coalesce(w.customer_id, s.customer_id) as id, coalesce(w.day, s.day) as day,
  w.total as web, s.total as shop, max(w.total) over (partition by coalesce(w.customer_id,
  s.customer_id) order by coalesce(w.day, s.day) rows between unbounded preceding and current row)
  as web_so_far from web w full outer join shop s on w.customer_id = s.customer_id and w.day = s.day) x
where web_so_far > 100 order by id, day limit 100""",
    "hours": """
select * from (select count(*) as early from sale where extract(hour from sold_at) between 0 and 8) a,
  (select count(*) as noon from sale where extract(hour from sold_at) = 12
    or (extract(hour from sold_at) = 13 and extract(minute from sold_at) < 30)) b,
  (select count(*) as late from sale where extract(hour from sold_at) > 18) c""",
    "morning to evening": """
select cast(a.n as decimal(15, 4)) / cast(p.n as decimal(15, 4)) as ratio from
  (select count(*) as n from sale where extract(hour from sold_at) between 8 and 9) a,
  (select count(*) as n from sale where extract(hour from sold_at) between 19 and 20) p
order by ratio limit 100""",
    "excess discount": """
select sum(s.discount) as excess from sale s, day d where s.day = d.date and d.month = 3
  and s.discount > (select 1.3 * avg(t.discount) from sale t, day e where t.day = e.date
    and e.month = 3 and t.product_id = s.product_id)""",
    "weekends": """
select d.year, d.month, sum(case when d.weekend then s.amount end) as weekend, sum(case when not
  d.weekend then s.amount end) as week from day d left join sale s on s.day = d.date
group by d.year, d.month having count(s.id) > 0 order by d.year, d.month""",
    "first and last": """
select a.category, a.name as best, z.name as worst from (select category, name, rank() over
  (partition by category order by total desc, name) as r from (select p.category, p.name, sum(s.amount)
  as total from product p join sale s on s.product_id = p.id group by p.category, p.name) x) a
join (select category, name, rank() over (partition by category order by total, name) as r from (select
  p.category, p.name, sum(s.amount) as total from product p join sale s on s.product_id = p.id
  group by p.category, p.name) x) z on a.category = z.category and a.r = z.r
where a.r < 4 order by a.category, a.r""",
    "tickets": """
select c.name, x.day, x.items from (select customer_id, day, count(*) as items from sale
  where (quantity between 1 and 6 or channel = 'web') and extract(day from day) < 20
  group by customer_id, day) x, customer c where x.customer_id = c.id and x.items between 1 and 5
order by c.name, x.day desc limit 100""",
}
