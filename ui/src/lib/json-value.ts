// Any JSON, under a name that says less of where it came from.

import type { JsonValue } from './bindings/serde_json/JsonValue';

export type Json = JsonValue;
