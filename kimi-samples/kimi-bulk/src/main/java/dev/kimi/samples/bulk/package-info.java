/** Sends a file of prompts and writes a file of responses. */
@NullMarked
package dev.kimi.samples.bulk;

import org.jspecify.annotations.NullMarked;
