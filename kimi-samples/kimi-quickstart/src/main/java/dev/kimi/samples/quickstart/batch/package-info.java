/** Asks a file of prompts in bulk. */
@NullMarked
package dev.kimi.samples.quickstart.batch;

import org.jspecify.annotations.NullMarked;
