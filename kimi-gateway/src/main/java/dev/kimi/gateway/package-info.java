/** A server that speaks the protocols of Anthropic and OpenAI, with Kimi and Claude behind it. */
@NullMarked
package dev.kimi.gateway;

import org.jspecify.annotations.NullMarked;
