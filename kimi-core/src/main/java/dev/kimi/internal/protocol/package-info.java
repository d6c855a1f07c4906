/** The wire protocols: how requests are written and responses, streams and errors are read. */
@NullMarked
package dev.kimi.internal.protocol;

import org.jspecify.annotations.NullMarked;
