/** OpenAI's and Anthropic's own Java clients over Kimi clients. */
@NullMarked
package dev.kimi.samples.vendorsdks;

import org.jspecify.annotations.NullMarked;
