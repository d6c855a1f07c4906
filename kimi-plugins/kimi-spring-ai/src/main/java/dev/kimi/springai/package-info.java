/** Spring AI's chat model over a {@link dev.kimi.KimiClient}. */
@NullMarked
package dev.kimi.springai;

import org.jspecify.annotations.NullMarked;
