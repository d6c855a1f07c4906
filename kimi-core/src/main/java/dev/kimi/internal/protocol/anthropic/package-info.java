/** The Messages protocol, as Anthropic made it and Kimi's {@code /anthropic} face speaks it. */
@NullMarked
package dev.kimi.internal.protocol.anthropic;

import org.jspecify.annotations.NullMarked;
