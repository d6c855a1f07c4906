/** What schemas say about types. */
@NullMarked
package dev.kimi.schema;

import org.jspecify.annotations.NullMarked;
