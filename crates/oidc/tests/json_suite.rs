//! Cases of the JSON Parsing Test Suite by their names there: `y_` must be taken, `n_` must be refused, and of
//! `i_`, which RFC 8259 leaves open, the last column of the table says what this parser does and why.

use latchkey_oidc::json::{JsonError, MAX_DEPTH, parse};

#[rustfmt::skip]
const ACCEPTED: &[(&str, &[u8])] = &[
    ("y_array_arraysWithSpaces", b"[[]   ]"),
    ("y_array_empty-string", b"[\"\"]"),
    ("y_array_ending_with_newline", b"[\"a\"]\n"),
    ("y_array_heterogeneous", b"[null, 1, \"1\", {}]"),
    ("y_array_with_leading_space", b" [1]"),
    ("y_array_with_several_null", b"[1,null,null,null,2]"),
    ("y_number_0e+1", b"[0e+1]"),
    ("y_number_0e1", b"[0e1]"),
    ("y_number_after_space", b"[ 4]"),
    ("y_number_double_close_to_zero", b"[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    ("y_number_minus_zero", b"[-0]"),
    ("y_number_real_capital_e", b"[1E22]"),
    ("y_number_real_capital_e_neg_exp", b"[1E-2]"),
    ("y_number_real_exponent", b"[123e45]"),
    ("y_number_real_fraction_exponent", b"[123.456e78]"),
    ("y_number_simple_real", b"[123.456789]"),
    ("y_object_basic", b"{\"asd\":\"sdf\"}"),
    ("y_object_empty_key", b"{\"\":0}"),
    ("y_object_escaped_null_in_key", b"{\"foo\\u0000bar\": 42}"),
    ("y_object_extreme_numbers", b"{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
    ("y_object_string_unicode", b"{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\" }"),
    ("y_object_with_newlines", b"{\n\"a\": \"b\"\n}"),
    ("y_string_1_2_3_bytes_UTF-8_sequences", b"[\"\\u0060\\u012a\\u12AB\"]"),
    ("y_string_accepted_surrogate_pair", b"[\"\\uD801\\udc37\"]"),
    ("y_string_accepted_surrogate_pairs", b"[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    ("y_string_allowed_escapes", b"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    ("y_string_backslash_and_u_escaped_zero", b"[\"\\\\u0000\"]"),
    ("y_string_backslash_doublequotes", b"[\"\\\"\"]"),
    ("y_string_comments", b"[\"a/*b*/c/*d//e\"]"),
    ("y_string_escaped_control_character", b"[\"\\u0012\"]"),
    ("y_string_escaped_noncharacter", b"[\"\\uFFFF\"]"),
    ("y_string_last_surrogates_1_and_2", b"[\"\\uDBFF\\uDFFF\"]"),
    ("y_string_nonCharacterInUTF-8_U+FFFF", b"[\"\xef\xbf\xbf\"]"),
    ("y_string_null_escape", b"[\"\\u0000\"]"),
    ("y_string_u+2028_line_sep", b"[\"\xe2\x80\xa8\"]"),
    ("y_string_unescaped_char_delete", b"[\"\x7f\"]"),
    ("y_string_utf8", "[\"€𝄞\"]".as_bytes()),
    ("y_structure_lonely_false", b"false"),
    ("y_structure_lonely_int", b"42"),
    ("y_structure_lonely_negative_real", b"-0.1"),
    ("y_structure_lonely_null", b"null"),
    ("y_structure_lonely_string", b"\"asd\""),
    ("y_structure_string_empty", b"\"\""),
    ("y_structure_trailing_newline", b"[\"a\"]\n"),
    ("y_structure_whitespace_array", b" [] "),
];

#[rustfmt::skip]
const REFUSED: &[(&str, &[u8])] = &[
    ("n_array_1_true_without_comma", b"[1 true]"),
    ("n_array_a_invalid_utf8", b"[a\xe5]"),
    ("n_array_colon_instead_of_comma", b"[\"\": 1]"),
    ("n_array_comma_after_close", b"[\"\"],"),
    ("n_array_comma_and_number", b"[,1]"),
    ("n_array_double_comma", b"[1,,2]"),
    ("n_array_extra_close", b"[\"x\"]]"),
    ("n_array_extra_comma", b"[\"\",]"),
    ("n_array_incomplete", b"[\"x\""),
    ("n_array_inner_array_no_comma", b"[3[4]]"),
    ("n_array_invalid_utf8", b"[\xff]"),
    ("n_array_just_comma", b"[,]"),
    ("n_array_just_minus", b"[-]"),
    ("n_array_newlines_unclosed", b"[\"a\",\n4\n,1,"),
    ("n_array_star_inside", b"[*]"),
    ("n_array_unclosed_with_object_inside", b"[{}"),
    ("n_incomplete_false", b"[fals]"),
    ("n_incomplete_null", b"[nul]"),
    ("n_multidigit_number_then_00", b"123\x00"),
    ("n_number_++", b"[++1234]"),
    ("n_number_+1", b"[+1]"),
    ("n_number_+Inf", b"[+Inf]"),
    ("n_number_-01", b"[-01]"),
    ("n_number_-1.0.", b"[-1.0.]"),
    ("n_number_-NaN", b"[-NaN]"),
    ("n_number_.-1", b"[.-1]"),
    ("n_number_.2e-3", b"[.2e-3]"),
    ("n_number_0.1.2", b"[0.1.2]"),
    ("n_number_0.e1", b"[0.e1]"),
    ("n_number_0e+", b"[0e+]"),
    ("n_number_1.0e-", b"[1.0e-]"),
    ("n_number_1_000", b"[1 000.0]"),
    ("n_number_1eE2", b"[1eE2]"),
    ("n_number_2.e+3", b"[2.e+3]"),
    ("n_number_Inf", b"[Inf]"),
    ("n_number_NaN", b"[NaN]"),
    ("n_number_U+FF11_fullwidth_digit_one", b"[\xef\xbc\x91]"),
    ("n_number_expression", b"[1+2]"),
    ("n_number_hex_1_digit", b"[0x1]"),
    ("n_number_infinity", b"[Infinity]"),
    ("n_number_invalid-utf-8-in-exponent", b"[1e1\xe5]"),
    ("n_number_minus_infinity", b"[-Infinity]"),
    ("n_number_minus_space_1", b"[- 1]"),
    ("n_number_neg_int_starting_with_zero", b"[-012]"),
    ("n_number_real_without_fractional_part", b"[1.]"),
    ("n_number_starting_with_dot", b"[.123]"),
    ("n_number_with_leading_zero", b"[012]"),
    ("n_object_bad_value", b"[\"x\", truth]"),
    ("n_object_bracket_key", b"{[: \"x\"}\n"),
    ("n_object_comma_instead_of_colon", b"{\"x\", null}"),
    ("n_object_double_colon", b"{\"x\"::\"b\"}"),
    ("n_object_garbage_at_end", b"{\"a\":\"a\" 123}"),
    ("n_object_key_with_single_quotes", b"{key: 'value'}"),
    ("n_object_lone_continuation_byte_in_key_and_trailing_comma", b"{\"\xb9\":\"0\",}"),
    ("n_object_missing_colon", b"{\"a\" b}"),
    ("n_object_missing_value", b"{\"a\":"),
    ("n_object_no-colon", b"{\"a\""),
    ("n_object_non_string_key", b"{1:1}"),
    ("n_object_several_trailing_commas", b"{\"id\":0,,,,,}"),
    ("n_object_single_quote", b"{'a':0}"),
    ("n_object_trailing_comma", b"{\"id\":0,}"),
    ("n_object_trailing_comment", b"{\"a\":\"b\"}/**/"),
    ("n_object_trailing_comment_slash_open", b"{\"a\":\"b\"}//"),
    ("n_object_unquoted_key", b"{a: \"b\"}"),
    ("n_object_with_trailing_garbage", b"{\"a\":\"b\"}#"),
    ("n_single_space", b" "),
    ("n_string_1_surrogate_then_escape", b"[\"\\uD800\\\"]"),
    ("n_string_1_surrogate_then_escape_u", b"[\"\\uD800\\u\"]"),
    ("n_string_accentuated_char_no_quotes", b"[\xc3\xa9]"),
    ("n_string_backslash_00", b"[\"\\\x00\"]"),
    ("n_string_escape_x", b"[\"\\x00\"]"),
    ("n_string_escaped_emoji", b"[\"\\\xf0\x9f\x8c\x80\"]"),
    ("n_string_incomplete_escape", b"[\"\\\"]"),
    ("n_string_incomplete_surrogate", b"[\"\\uD834\\uDd\"]"),
    ("n_string_invalid-utf-8-in-escape", b"[\"\\u\xe5\"]"),
    ("n_string_invalid_backslash_esc", b"[\"\\a\"]"),
    ("n_string_leading_uescaped_thinspace", b"[\\u0020\"asd\"]"),
    ("n_string_no_quotes_with_bad_escape", b"[\\n]"),
    ("n_string_single_doublequote", b"\""),
    ("n_string_single_quote", b"['single quote']"),
    ("n_string_unescaped_ctrl_char", b"[\"a\x00a\"]"),
    ("n_string_unescaped_newline", b"[\"new\nline\"]"),
    ("n_string_unescaped_tab", b"[\"\t\"]"),
    ("n_string_unicode_CapitalU", b"\"\\UA66D\""),
    ("n_string_with_trailing_garbage", b"\"\"x"),
    ("n_structure_U+2060_word_joined", b"[\xe2\x81\xa0]"),
    ("n_structure_UTF8_BOM_no_data", b"\xef\xbb\xbf"),
    ("n_structure_angle_bracket_.", b"<.>"),
    ("n_structure_array_trailing_garbage", b"[1]x"),
    ("n_structure_ascii-unicode-identifier", b"a\xc3\xa5"),
    ("n_structure_capitalized_True", b"[True]"),
    ("n_structure_double_array", b"[][]"),
    ("n_structure_end_array", b"]"),
    ("n_structure_incomplete_UTF8_BOM", b"\xef\xbb{}"),
    ("n_structure_lone-invalid-utf-8", b"\xe5"),
    ("n_structure_no_data", b""),
    ("n_structure_null-byte-outside-string", b"[\x00]"),
    ("n_structure_number_with_trailing_garbage", b"2@"),
    ("n_structure_object_with_comment", b"{\"a\":/*comment*/\"b\"}"),
    ("n_structure_open_object_open_array", b"{["),
    ("n_structure_trailing_#", b"{\"a\":\"b\"}#{}"),
    ("n_structure_unicode-identifier", b"\xc3\xa5"),
    ("n_structure_whitespace_U+2060_word_joiner", b"\xe2\x81\xa0"),
    ("n_structure_whitespace_formfeed", b"[\x0c]"),
];

/// Whether it is taken, and why.
#[rustfmt::skip]
const OPEN: &[(&str, &[u8], bool, &str)] = &[
    ("i_number_huge_exp", b"[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]", false, "beyond f64"),
    ("i_number_neg_int_huge_exp", b"[-1e+9999]", false, "beyond f64"),
    ("i_number_pos_double_huge_exp", b"[1.5e+9999]", false, "beyond f64"),
    ("i_number_real_neg_overflow", b"[-123123e100000]", false, "beyond f64"),
    ("i_number_double_huge_neg_exp", b"[123.456e-789]", true, "it is nothing, nearly"),
    ("i_number_real_underflow", b"[123e-10000000]", true, "it is nothing, nearly"),
    ("i_number_too_big_pos_int", b"[100000000000000000000]", true, "within f64; no time takes it"),
    ("i_number_too_big_neg_int", b"[-123123123123123123123123123123]", true, "within f64; no time takes it"),
    ("i_number_very_big_negative_int", b"[-237462374673276894279832749832423479823246327846]", true, "within f64"),
    ("i_object_key_lone_2nd_surrogate", b"{\"\\uDFAA\":0}", false, "a lone surrogate"),
    ("i_string_1st_surrogate_but_2nd_missing", b"[\"\\uDADA\"]", false, "a lone surrogate"),
    ("i_string_1st_valid_surrogate_2nd_invalid", b"[\"\\uD888\\u1234\"]", false, "a lone surrogate"),
    ("i_string_incomplete_surrogate_and_escape_valid", b"[\"\\uD800\\n\"]", false, "a lone surrogate"),
    ("i_string_incomplete_surrogate_pair", b"[\"\\uDd1ea\"]", false, "a lone surrogate"),
    ("i_string_incomplete_surrogates_escape_valid", b"[\"\\uD800\\uD800\\n\"]", false, "a lone surrogate"),
    ("i_string_inverted_surrogates_U+1D11E", b"[\"\\uDd1e\\uD834\"]", false, "a lone surrogate"),
    ("i_string_lone_second_surrogate", b"[\"\\uDFAA\"]", false, "a lone surrogate"),
    ("i_string_UTF-8_invalid_sequence", b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]", false, "no UTF-8"),
    ("i_string_UTF8_surrogate_U+D800", b"[\"\xed\xa0\x80\"]", false, "no UTF-8"),
    ("i_string_not_in_unicode_range", b"[\"\xf4\xbf\xbf\xbf\"]", false, "no UTF-8"),
    ("i_string_overlong_sequence_2_bytes", b"[\"\xc0\xaf\"]", false, "no UTF-8"),
    ("i_string_lone_utf8_continuation_byte", b"[\"\x81\"]", false, "no UTF-8"),
    ("i_string_UTF-16LE_with_BOM", b"\xff\xfe[\x00\"\x00\xe9\x00\"\x00]\x00", false, "UTF-16"),
    ("i_string_utf16LE_no_BOM", b"[\x00\"\x00\xe9\x00\"\x00]\x00", false, "UTF-16"),
    ("i_string_utf16BE_no_BOM", b"\x00[\x00\"\x00\xe9\x00\"\x00]", false, "UTF-16"),
    ("i_structure_UTF-8_BOM_empty_object", b"\xef\xbb\xbf{}", false, "a byte order mark"),
];

/// Two that the suite takes and this parser must not (RFC 7515 §4, RFC 7519 §4).
const DUPLICATES: &[(&str, &[u8])] = &[
    ("y_object_duplicated_key", b"{\"a\":\"b\",\"a\":\"c\"}"),
    ("y_object_duplicated_key_and_value", b"{\"a\":\"b\",\"a\":\"b\"}"),
];

#[test]
fn what_is_json_is_taken() {
    for (name, text) in ACCEPTED {
        assert!(name.starts_with("y_"));
        assert!(parse(text).is_ok(), "{name}: {:?}", parse(text));
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for (name, text) in REFUSED {
        assert!(name.starts_with("n_"));
        assert!(parse(text).is_err(), "{name}: {:?}", parse(text));
    }
}

#[test]
fn what_is_left_open_is_decided() {
    for (name, text, taken, why) in OPEN {
        assert!(name.starts_with("i_"));
        assert_eq!(parse(text).is_ok(), *taken, "{name}, {why}: {:?}", parse(text));
    }
}

#[test]
fn names_that_stand_twice_are_refused() {
    for (name, text) in DUPLICATES {
        assert_eq!(parse(text), Err(JsonError::Duplicate("a".to_owned())), "{name}");
    }
}

#[test]
fn depth_is_bounded_in_every_shape() {
    // n_structure_100000_opening_arrays, n_structure_open_array_object, i_structure_500_nested_arrays
    for text in ["[".repeat(100_000), "[{\"\":".repeat(50_000), "[".repeat(500) + &"]".repeat(500)] {
        assert_eq!(parse(text.as_bytes()), Err(JsonError::TooDeep));
    }
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep));
}
