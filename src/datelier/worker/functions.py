"""The functions a query may call, per dialect. What is not listed here does not run.

A function belongs here when it only computes from its arguments: no files, no network, no
settings, no sessions, no locks, no sequences, no SQL or names of tables hidden in a string. A
volatile one must have its reason in `VOLATILE`.
"""

from typing import Final, Literal

from datelier.worker import functions_clickhouse, functions_cloud, functions_trino
from datelier.worker.function_names import names

Dialect = Literal[
    "postgres",
    "duckdb",
    "mysql",
    "sqlite",
    "clickhouse",
    "trino",
    "bigquery",
    "snowflake",
    "tsql",
]


_COMMON: Final = names("""
abs acos any_value array_agg array_length array_position array_to_string ascii asin atan atan2 avg
bit_and bit_length bit_or bit_xor bool_and bool_or btrim cbrt ceil ceiling char_length
character_length chr coalesce concat concat_ws corr cos cot count covar_pop covar_samp cume_dist
current_date current_time current_timestamp date_part date_trunc degrees dense_rank encode decode
every exp factorial first_value floor format gcd generate_series generate_subscripts greatest
grouping initcap isfinite json_array_length json_object json_type lag last_value lcm lead least
left length ln localtime localtimestamp log log10 lower lpad ltrim make_date make_time
make_timestamp make_timestamptz max md5 min mod mode now nth_value ntile nullif octet_length
percent_rank percentile_cont percentile_disc pi position power pow radians random rank
regexp_matches regexp_replace regexp_split_to_array regr_avgx regr_avgy regr_count regr_intercept
regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round row row_number
row_to_json rpad rtrim sha256 sign sin split_part sqrt starts_with stddev stddev_pop stddev_samp
string_agg string_to_array strpos substr substring sum tan to_json to_timestamp translate trim
trunc unnest upper var_pop var_samp variance age array_append array_cat array_prepend justify_days
justify_hours justify_interval json_agg timezone transaction_timestamp sinh cosh tanh asinh acosh
atanh json_build_array json_build_object
""")

_POSTGRES: Final = names("""
array all any some json_array json_agg_strict json_object_agg_unique_strict json_to_tsvector
jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict
jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz
jsonb_path_query_tz jsonb_populate_record_valid jsonb_populate_recordset jsonb_to_tsvector
enum_first enum_last enum_range hashtextextended trim_array bool date float4 float8 int2 int4 int8
numeric text time timestamp timestamptz timetz varchar
array_dims array_fill array_lower array_ndims array_positions array_remove array_replace
array_reverse array_shuffle array_sample array_sort array_to_json array_upper bit_count cardinality
casefold clock_timestamp convert_from convert_to crc32 crc32c date_add date_bin
date_subtract div erf erfc gamma lgamma gen_random_uuid uuidv7 uuidv4 uuid_extract_timestamp
uuid_extract_version hashtext inet_same_family host family abbrev broadcast hostmask masklen
netmask network set_masklen inet_merge isempty json_array_elements json_array_elements_text
json_each json_each_text json_extract_path json_extract_path_text json_object_agg
json_object_agg_strict json_object_agg_unique json_object_keys json_populate_record
json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof
json_exists json_query json_value json_scalar json_serialize json_arrayagg json_objectagg
jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length
jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys
jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first
jsonb_populate_record jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record
jsonb_to_recordset jsonb_typeof lower_inc lower_inf upper_inc upper_inf range_agg
range_intersect_agg range_merge multirange int4range int8range numrange tsrange tstzrange daterange
int4multirange int8multirange nummultirange datemultirange tsmultirange tstzmultirange
make_interval min_scale scale trim_scale normalize is_normalized num_nonnulls num_nulls overlay
parse_ident quote_ident quote_literal quote_nullable random_normal regexp_count regexp_instr
regexp_like regexp_match regexp_split_to_table regexp_substr sha224 sha384 sha512 similar_to_escape
statement_timestamp string_to_table timeofday to_ascii to_char to_date to_hex to_bin to_oct to_jsonb
to_number unistr unicode_assigned width_bucket grouping_id get_bit get_byte set_bit
set_byte area center diagonal diameter height isclosed isopen npoints path point polygon
radius slope box circle line lseg width bound_box
to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
ts_headline tsvector_to_array array_to_tsvector numnode querytree setweight strip ts_delete
ts_filter similarity word_similarity strict_word_similarity show_trgm unaccent soundex metaphone
dmetaphone levenshtein levenshtein_less_equal difference jsonb_concat hstore_to_json
pg_typeof pg_size_pretty pg_column_size sind cosd tand asind acosd atand atan2d cotd
st_area st_asgeojson st_astext st_buffer st_centroid st_contains st_distance st_dwithin st_envelope
st_geomfromtext st_intersects st_intersection st_length st_makepoint st_point st_setsrid st_srid
st_transform st_union st_within st_x st_y time_bucket approx_count_distinct
hll_cardinality hll_add_agg hll_hash_any hll_hash_integer hll_hash_text hll_union_agg
first last
""")

_DUCKDB: Final = names("""
add aggregate approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null
arg_min arg_min_null array_aggr array_aggregate array_apply array_concat array_contains
array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct
array_dot_product array_extract array_filter array_grade_up array_has array_has_all array_has_any
array_indexof array_inner_product array_intersect array_pop_back array_pop_front array_push_back
array_push_front array_reduce array_resize array_reverse array_reverse_sort array_select
array_slice array_sort array_to_json array_transform array_unique array_value array_where array_zip
array_except argmax argmin bar base64 bin bit_count bit_position bitstring bitstring_agg cardinality
century columns concat_list contains count_if count_star countif current_localtime
current_localtimestamp damerau_levenshtein date_add date_diff date_sub datediff datepart datesub
datetrunc day dayname dayofmonth dayofweek dayofyear decade divide editdist3 element_at entropy
enum_code enum_first enum_last enum_range ends_with epoch epoch_ms epoch_ns epoch_us equi_width_bins
era even exists favg fdiv filter first flatten fmod format_bytes formatreadablesize
formatreadabledecimalsize from_base64 from_binary from_hex from_json from_json_strict fsum gamma
generate_subscripts geomean geometric_mean get_bit grade_up group_concat hamming hash hex histogram
histogram_exact histogram_values hour ilike_escape instr is_histogram_other_bin isinf isnan
isodow isoyear jaccard jaro_similarity jaro_winkler_similarity json json_array json_array_contains
json_contains json_each json_exists json_extract json_extract_path json_extract_path_text
json_extract_string json_group_array json_group_object json_group_structure json_keys
json_merge_patch json_pretty json_quote json_structure json_transform json_transform_strict
json_tree json_valid json_value julian kahan_sum kurtosis kurtosis_pop last last_day lcase len
levenshtein lgamma like_escape list list_aggr list_aggregate list_any_value list_append list_apply
list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or
list_cat list_concat list_contains list_cosine_distance list_cosine_similarity list_count
list_distance list_distinct list_dot_product list_element list_entropy list_except list_extract
list_filter list_first list_grade_up list_has list_has_all list_has_any list_histogram list_indexof
list_inner_product list_intersect list_kurtosis list_last list_mad list_max list_median list_min
list_mode list_pack list_position list_prepend list_product list_reduce list_resize list_reverse
list_reverse_sort list_select list_sem list_skewness list_slice list_sort list_stddev_pop
list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop
list_var_samp list_where list_zip log2 mad make_timestamp_ms make_timestamp_ns map map_concat
map_contains map_entries map_extract map_extract_value map_from_entries map_keys map_values max_by
md5_number mean median microsecond millennium millisecond min_by minute mismatches month monthname
multiply nanosecond nextafter nfc_normalize not_ilike_escape not_like_escape ord parse_dirname
parse_dirpath parse_filename parse_path percentile_of prefix printf product quantile quantile_cont
quantile_disc quarter range rank_dense regexp_escape regexp_extract regexp_extract_all
regexp_full_match regexp_split_to_table remap_struct reservoir_quantile round_even roundbankers
row_to_json second sem sha1 signbit skewness split str_split str_split_regex strftime string_split
string_split_regex strip_accents strlen strptime struct_concat struct_contains struct_extract
struct_extract_at struct_has struct_insert struct_pack struct_position struct_update substring_grapheme
left_grapheme right_grapheme length_grapheme subtract suffix sum_no_overflow sumkahan time_bucket
timetz_byte_comparable to_base to_base64 to_binary to_centuries to_days to_decades to_hex to_hours
to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_weeks
to_years today trim try_strptime typeof ucase unbin unhex unicode union_extract union_tag union_value
unpivot_list url_decode url_encode uuid uuidv4 uuidv7 variance week weekday weekofyear
xor year yearweek get_current_time get_current_timestamp
make_time to_char date fill ifnull grouping_id struct_keys gen_random_uuid ago apply reduce
arg_max_nulls_last arg_min_nulls_last array_negative_inner_product array_negative_dot_product
binom days_in_month greatest_common_divisor json_deep_merge json_insert json_normalize json_remove
json_replace json_set json_strip_nulls least_common_multiple list_kurtosis_pop
list_negative_dot_product list_negative_inner_product listagg lttb map_contains_entry
map_contains_value md5_number_lower md5_number_upper normalized_interval overlay
parse_formatted_bytes set_bit st_asgeojson st_astext st_geomfromgeojson struct_indexof
struct_values timezone_hour timezone_minute uuid_extract_timestamp uuid_extract_version
variant_array_length variant_contains variant_exists variant_extract variant_extract_string
variant_keys variant_type variant_typeof wavg weighted_avg
""")

# SQLite has none of the functions above but those named again here.
_SQLITE: Final = names("""
abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh
count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp
first_value floor format glob group_concat hex ifnull iif instr json json_array json_array_length
json_each json_error_position json_extract json_group_array json_group_object json_insert
json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type
json_valid julianday lag last_value lead length like likelihood likely ln log log10 log2 lower ltrim
max median min mod nth_value ntile nullif octet_length percent_rank percentile percentile_cont
percentile_disc pi pow power printf quote radians random rank replace round row_number rtrim sign
sin sinh soundex sqrt strftime string_agg substr substring sum tan tanh time timediff total trim
trunc typeof unhex unicode unixepoch unlikely upper
""")

_MYSQL: Final = names("""
abs acos adddate addtime aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg bin bin_to_uuid
bit_and bit_count bit_length bit_or bit_xor cast ceil ceiling char char_length character_length
charset chr coalesce coercibility collation compress concat concat_ws conv convert convert_tz
corr cos cot count crc32 crc32c cume_dist curdate current_date current_time current_timestamp
curtime date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear
degrees dense_rank elt exp export_set field find_in_set first_value floor format format_bytes
format_pico_time from_base64 from_days from_unixtime get_format greatest group_concat grouping hex
hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr interval is_ipv4
is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid isnull json_array json_array_append json_array_insert
json_array_intersect json_arrayagg json_compact json_contains json_contains_path json_depth
json_detailed json_equals json_exists json_extract json_insert json_key_value json_keys json_length
json_loose json_merge_patch json_merge_preserve json_normalize json_object
json_object_filter_keys json_object_to_array json_objectagg json_overlaps json_pretty json_query
json_quote json_remove json_replace json_schema_valid json_search json_set json_storage_size
json_type json_unquote json_valid json_value lag last_day last_value lcase lead least left length
lengthb ln localtime localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate
maketime max md5 median microsecond mid min minute mod month monthname natural_sort_key now
nth_value ntile nullif nvl nvl2 oct octet_length ord percent_rank percentile_cont percentile_disc
period_add period_diff pi position pow power quarter quote radians rand rank regexp_instr
regexp_like regexp_replace regexp_substr repeat replace reverse right round row row_number rpad
rtrim sec_to_time second sformat sha sha1 sha2 sign sin soundex space sqrt std stddev stddev_pop
stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum sysdate tan
time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char to_days
to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp upper utc_date
utc_time utc_timestamp uuid uuid_to_bin var_pop var_samp variance version week weekday weekofyear
weight_string year yearweek cardinality
st_area st_asgeojson st_astext st_aswkt st_aswkb st_asbinary st_buffer st_centroid st_contains
st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance st_distance_sphere
st_envelope st_equals st_geohash st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
st_geomfromwkb st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid
st_latfromgeohash st_latitude st_length st_longfromgeohash st_longitude st_makeenvelope
st_numgeometries st_numpoints st_overlaps st_point st_pointfromgeohash st_pointn st_simplify st_srid
st_startpoint st_endpoint st_swapxy st_touches st_transform st_union st_validate st_within st_x st_y
st_exteriorring st_interiorringn st_numinteriorrings st_symdifference point linestring polygon
multipoint multilinestring multipolygon geometrycollection mbrcontains mbrwithin mbrintersects
vec_distance vec_distance_euclidean vec_distance_cosine vec_fromtext vec_totext
distance string_to_vector vector_to_string vector_dim
""")

# What a FROM may call where it may call only functions made for it. The rest of DuckDB's table
# functions read files and settings, or tables whose names are arguments and escape the scope.
TABLE_FUNCTIONS: Final[dict[Dialect, frozenset[str]]] = {
    "duckdb": names("generate_series json_each json_tree range repeat unnest"),
    "clickhouse": names("generate_series generateseries numbers values zeros"),
    "trino": names("sequence table unnest"),
    "bigquery": names("unnest"),
    "snowflake": names("flatten generator split_to_table strtok_split_to_table table"),
    "tsql": names("generate_series openjson string_split"),
}

_DRAWS: Final = "draws a number that nobody else sees; no state of the database changes"
_CLOCK: Final = "reads the clock"
# Allowed though the engine's catalogue calls them volatile, and why that is harmless.
VOLATILE: Final[dict[str, str]] = {
    "random": _DRAWS,
    "random_normal": _DRAWS,
    "array_sample": _DRAWS,
    "array_shuffle": _DRAWS,
    "gen_random_uuid": _DRAWS,
    "uuid": _DRAWS,
    "uuidv4": _DRAWS,
    "uuidv7": _DRAWS,
    "clock_timestamp": _CLOCK,
    "timeofday": _CLOCK,
}

ALLOWED: Final[dict[Dialect, frozenset[str]]] = {
    "postgres": _COMMON | _POSTGRES,
    "duckdb": _COMMON | _DUCKDB,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "clickhouse": functions_clickhouse.FUNCTIONS,
    "trino": functions_trino.FUNCTIONS,
    "bigquery": functions_cloud.BIGQUERY,
    "snowflake": functions_cloud.SNOWFLAKE,
    "tsql": functions_cloud.TSQL,
}


def is_allowed(name: str, dialect: Dialect) -> bool:
    """Whether a query of a dialect may call a function, by its name in small letters."""
    if name in ALLOWED[dialect]:
        return True
    return dialect == "clickhouse" and functions_clickhouse.is_combined(name)
