/** OpenAI's client over a Kimi client. */
@NullMarked
package dev.kimi.vendor.openai;

import org.jspecify.annotations.NullMarked;
