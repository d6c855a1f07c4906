/** Chat completions, as OpenAI made them and Kimi and many others speak them. */
@NullMarked
package dev.kimi.internal.protocol.openai;

import org.jspecify.annotations.NullMarked;
