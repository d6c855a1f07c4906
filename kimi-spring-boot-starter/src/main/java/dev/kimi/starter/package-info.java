/** Kimi in a Spring Boot application. */
@NullMarked
package dev.kimi.starter;

import org.jspecify.annotations.NullMarked;
