/** Chat models of LangChain4j, over a {@link dev.kimi.KimiClient}. */
@NullMarked
package dev.kimi.langchain4j;

import org.jspecify.annotations.NullMarked;
