// Any JSON. The generated types name it without importing it where a type was given by hand there.

export type Json = number | string | boolean | Json[] | { [key in string]?: Json } | null;

declare global {
  type JsonValue = Json;
}
