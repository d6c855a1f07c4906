/** Responses as records: the schema is made from a type, and the response read into it. */
@NullMarked
package dev.kimi.typed;

import org.jspecify.annotations.NullMarked;
