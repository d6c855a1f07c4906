/** The chat model as a bean. */
@NullMarked
package dev.kimi.springai.autoconfigure;

import org.jspecify.annotations.NullMarked;
