/** Incremental, bounded parsing of {@code text/event-stream} bodies. Internal: may change in any release. */
@NullMarked
package dev.kimi.internal.sse;

import org.jspecify.annotations.NullMarked;
