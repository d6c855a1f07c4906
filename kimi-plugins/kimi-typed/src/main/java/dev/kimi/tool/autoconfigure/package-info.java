/** Typed responses and tools in Spring Boot. */
@NullMarked
package dev.kimi.tool.autoconfigure;

import org.jspecify.annotations.NullMarked;
