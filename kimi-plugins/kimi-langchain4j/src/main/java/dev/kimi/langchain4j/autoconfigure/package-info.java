/** The chat models as beans. */
@NullMarked
package dev.kimi.langchain4j.autoconfigure;

import org.jspecify.annotations.NullMarked;
