// The fields of forms: those that Rust names in its problems, and those that only the page checks.

import type { Field } from './bindings/Field';

export type FormField = Field | 'acr_values' | 'max_age';
/** What is said at each field. */
export type FieldErrors = Partial<Record<FormField, string>>;
