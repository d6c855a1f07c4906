/** Meters, observations and health for applications on Spring Boot. */
@NullMarked
package dev.kimi.observability.autoconfigure;

import org.jspecify.annotations.NullMarked;
