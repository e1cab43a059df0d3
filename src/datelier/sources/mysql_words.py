"""Words that need quotes as a name in MySQL or MariaDB, beyond those of standard SQL."""

from typing import Final

_WORDS: Final = """
accessible add alter before bigint binary blob by call cascade change char character condition
continue convert create cross cube cume_dist current_date current_role current_time
current_timestamp current_user cursor database databases dec decimal declare default delayed
delete dense_rank describe deterministic distinctrow div double drop dual each elseif empty
enclosed escaped except exists exit explain false first_value float float4 float8 force foreign
from fulltext function general generated get group grouping groups having high_priority if
ignore ignore_server_ids in index infile inner inout insensitive insert int int1 int2 int3 int4
int8 integer intersect interval into io_after_gtids is iterate join json_table key keys kill lag
last_value lateral lead leave left like limit linear lines load localtime localtimestamp lock
long longblob longtext loop low_priority manual match maxvalue mediumblob mediumint mediumtext
middleint mod modifies natural not nth_value ntile null numeric of offset on optimize
optimizer_costs option optionally or order out outer outfile over parallel parse_vcol_expr
partition percent_rank portion precision primary procedure purge qualify range rank read reads
read_write real recursive references regexp release rename repeat replace require resignal
restrict return returning revoke right rlike row row_number rows rownum schema schemas select
sensitive separator set show signal slow smallint spatial specific sql sqlexception sqlstate
sqlwarning ssl starting stats_auto_recalc stats_persistent stored straight_join system sysdate
table tablesample terminated then tinyblob tinyint tinytext to trailing trigger true undo union
unique unlock unsigned update usage use using utc_date utc_time utc_timestamp values varbinary
varchar varcharacter varying virtual when where while window with write xor year_month zerofill
"""
MYSQL_RESERVED: Final = frozenset(_WORDS.split())
