/** The smallest Spring Boot application that asks Kimi. */
@NullMarked
package dev.kimi.samples.quickstart;

import org.jspecify.annotations.NullMarked;
