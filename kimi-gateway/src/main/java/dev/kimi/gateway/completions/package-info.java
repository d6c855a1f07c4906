/** OpenAI's chat completions, as a server speaks them. */
@NullMarked
package dev.kimi.gateway.completions;

import org.jspecify.annotations.NullMarked;
