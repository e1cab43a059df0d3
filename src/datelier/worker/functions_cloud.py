"""Functions of BigQuery, Snowflake and SQL Server that only compute; see `functions`.

Written from their documentation. Left out: what runs SQL or code from a text, calls other systems
or models, reads stages, files, sessions and settings, waits, or counts a sequence up.
"""

from typing import Final

from datelier.worker.function_names import names

_SHARED: Final = names("""
abs acos any_value ascii asin atan avg cast ceiling coalesce concat concat_ws corr cos cot count
covar_pop covar_samp cume_dist current_date current_time current_timestamp day degrees dense_rank
exp first_value floor format greatest grouping hour if lag last_value lead least left length ln
log log10 lower lpad ltrim max min minute mod month nth_value ntile nullif percent_rank
percentile_cont percentile_disc pi pow power radians rank replace reverse right round row_number
rpad rtrim second sign sin soundex sqrt stddev stddev_pop stddev_samp string_agg substr substring
sum tan translate trim upper var_pop var_samp variance year
""")
BIGQUERY: Final = _SHARED | names("""
acosh approx_count_distinct approx_quantiles approx_top_count approx_top_sum array array_agg
array_avg array_concat array_concat_agg array_filter array_first array_includes array_includes_all
array_includes_any array_is_distinct array_last array_length array_max array_min array_reverse
array_slice array_sum array_to_string array_transform asinh atan2 atanh bit_and bit_count bit_or
bit_xor bool bool_array byte_length cbrt ceil char_length character_length chr
code_points_to_bytes code_points_to_string collate contains_substr cosh cosine_distance coth
countif csc csch current_datetime date date_add date_bucket date_diff date_from_unix_date date_sub
date_trunc datetime datetime_add datetime_bucket datetime_diff datetime_sub datetime_trunc div
edit_distance ends_with error euclidean_distance extract farm_fingerprint float64 float64_array
format_date format_datetime format_time format_timestamp from_base32 from_base64 from_hex
generate_array generate_date_array generate_timestamp_array generate_uuid hll_count.extract
hll_count.init hll_count.merge ieee_divide ifnull initcap instr int64 int64_array is_inf is_nan
json_array json_array_append json_array_insert json_extract json_extract_array json_extract_scalar
json_extract_string_array json_keys json_object json_query json_query_array json_remove json_set
json_strip_nulls json_type json_value json_value_array justify_days justify_hours justify_interval
last_day lax_bool lax_float64 lax_int64 lax_string logical_and logical_or make_interval max_by md5
min_by net.host net.ip_from_string net.ip_net_mask net.ip_to_string net.ip_trunc
net.ipv4_from_int64 net.ipv4_to_int64 net.public_suffix net.reg_domain net.safe_ip_from_string
normalize normalize_and_casefold nullifzero octet_length offset ordinal parse_bignumeric
parse_date parse_datetime parse_json parse_numeric parse_time parse_timestamp rand range
range_bucket range_contains range_end range_intersect range_overlaps range_start regexp_contains
regexp_extract regexp_extract_all regexp_instr regexp_replace regexp_substr repeat safe_add
safe_cast safe_convert_bytes_to_string safe_divide safe_multiply safe_negate safe_offset
safe_ordinal safe_subtract sec sech sha1 sha256 sha512 sinh split st_area st_asgeojson st_astext
st_boundary st_buffer st_centroid st_closestpoint st_contains st_coveredby st_covers st_difference
st_dimension st_disjoint st_distance st_dwithin st_endpoint st_equals st_geogfromgeojson
st_geogfromtext st_geogpoint st_geohash st_intersection st_intersects st_isempty st_length
st_makeline st_makepolygon st_maxdistance st_numpoints st_simplify st_snaptogrid st_startpoint
st_touches st_union st_within st_x st_y starts_with string string_array strpos struct tanh time
time_add time_diff time_sub time_trunc timestamp timestamp_add timestamp_bucket timestamp_diff
timestamp_micros timestamp_millis timestamp_seconds timestamp_sub timestamp_trunc to_base32
to_base64 to_code_points to_hex to_json to_json_string trunc typeof unicode unix_date unix_micros
unix_millis unix_seconds unnest week zeroifnull
""")
SNOWFLAKE: Final = _SHARED | names("""
acosh add_months approx_count_distinct approx_percentile approx_top_k approximate_jaccard_index
approximate_similarity array_agg array_append array_cat array_compact array_concat array_construct
array_construct_compact array_contains array_distinct array_except array_flatten
array_generate_range array_insert array_intersection array_max array_min array_position
array_prepend array_remove array_remove_at array_reverse array_size array_slice array_sort
array_to_string array_unique_agg arrays_overlap arrays_to_object arrays_zip as_array as_binary
as_char as_date as_decimal as_double as_integer as_number as_object as_real as_time
as_timestamp_ltz as_timestamp_ntz as_timestamp_tz as_varchar asinh atan2 atanh
base64_decode_binary base64_decode_string base64_encode bit_length bitand bitand_agg bitnot bitor
bitor_agg bitshiftleft bitshiftright bitxor bitxor_agg booland booland_agg boolnot boolor
boolor_agg boolxor boolxor_agg cbrt ceil char charindex check_json chr collate collation compress
contains convert_timezone cosh count_if date date_from_parts date_part date_trunc dateadd datediff
datefromparts dayname dayofmonth dayofweek dayofweekiso dayofyear decode div0 div0null
editdistance endswith equal_null extract factorial filter flatten generator get get_ignore_case
get_path getbit greatest_ignore_nulls grouping_id hash hash_agg haversine hex_decode_binary
hex_decode_string hex_encode hll hll_accumulate hll_combine hll_estimate iff ifnull ilike initcap
insert instr is_array is_boolean is_char is_date is_decimal is_double is_integer is_null_value
is_object is_real is_time is_timestamp_ltz is_timestamp_ntz is_timestamp_tz is_varchar
jarowinkler_similarity json_extract_path_text kurtosis last_day least_ignore_nulls len like
listagg localtime localtimestamp map_cat map_contains_key map_delete map_insert map_keys map_pick
map_size max_by md5 md5_binary md5_hex md5_number_lower64 md5_number_upper64 median min_by minhash
minhash_combine mode monthname months_between next_day normal nvl nvl2 object_agg object_construct
object_construct_keep_null object_delete object_insert object_keys object_pick octet_length
parse_ip parse_json parse_url position previous_day quarter random randstr ratio_to_report reduce
regexp regexp_count regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr
regexp_substr_all regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
regr_sxy regr_syy regr_valx regr_valy repeat rlike rtrimmed_length seq1 seq2 seq4 seq8 sha1
sha1_binary sha1_hex sha2 sha2_binary sha2_hex sinh skew space split split_part split_to_table
square st_area st_asgeojson st_astext st_centroid st_contains st_covers st_distance st_dwithin
st_geogfromtext st_intersects st_length st_makepoint st_point st_within st_x st_y startswith
strip_null_value strtok strtok_split_to_table strtok_to_array sysdate table tanh time
time_from_parts time_slice timeadd timediff timefromparts timestamp_from_parts
timestamp_ltz_from_parts timestamp_ntz_from_parts timestamp_tz_from_parts timestampadd
timestampdiff to_array to_binary to_boolean to_char to_date to_decimal to_double to_geography
to_json to_number to_numeric to_object to_time to_timestamp to_timestamp_ltz to_timestamp_ntz
to_timestamp_tz to_varchar to_variant to_xml transform trunc truncate try_base64_decode_binary
try_base64_decode_string try_cast try_hex_decode_binary try_hex_decode_string try_parse_json
try_to_binary try_to_boolean try_to_date try_to_decimal try_to_double try_to_number try_to_numeric
try_to_time try_to_timestamp try_to_timestamp_ltz try_to_timestamp_ntz try_to_timestamp_tz typeof
unicode uniform uuid_string variance_pop variance_samp week weekiso weekofyear width_bucket xmlget
yearofweek yearofweekiso zeroifnull zipf
""")
TSQL: Final = _SHARED | names("""
approx_count_distinct atn2 base64_decode base64_encode binary binary_checksum bit_count char
charindex checksum checksum_agg choose compress convert count_big current_timezone datalength
date_bucket dateadd datediff datediff_big datefromparts datename datepart datetime2
datetime2fromparts datetimefromparts datetimeoffset datetimeoffsetfromparts datetrunc day decimal
decompress difference edit_distance edit_distance_similarity eomonth format generate_series
get_bit getdate getutcdate grouping_id hashbytes iif isdate isjson isnull isnumeric
jaro_winkler_distance jaro_winkler_similarity json_array json_arrayagg json_modify json_object
json_objectagg json_path_exists json_query json_value left_shift len log logical nchar newid
numeric nvarchar openjson parse parsename patindex product quotename rand regexp_count
regexp_instr regexp_like regexp_replace regexp_substr replicate right_shift set_bit
smalldatetimefromparts space square stdev stdevp str string_escape string_split stuff switchoffset
sysdatetime sysdatetimeoffset sysutcdatetime time timefromparts todatetimeoffset try_cast
try_convert try_parse unicode unistr var varbinary varchar varp
""")
