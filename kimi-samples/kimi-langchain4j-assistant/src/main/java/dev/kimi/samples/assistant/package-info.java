/** An AI service of LangChain4j with tools, memory, a record and a stream that is cancelled. */
@NullMarked
package dev.kimi.samples.assistant;

import org.jspecify.annotations.NullMarked;
