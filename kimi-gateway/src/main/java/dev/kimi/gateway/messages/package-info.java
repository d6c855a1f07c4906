/** Anthropic's Messages as a server speaks it: read, passed on byte for byte, translated, and written. */
@NullMarked
package dev.kimi.gateway.messages;

import org.jspecify.annotations.NullMarked;
