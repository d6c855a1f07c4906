/** Auto-configuration of problem details and of the JSON of the chat model. */
@NullMarked
package dev.kimi.starter.web.autoconfigure;

import org.jspecify.annotations.NullMarked;
