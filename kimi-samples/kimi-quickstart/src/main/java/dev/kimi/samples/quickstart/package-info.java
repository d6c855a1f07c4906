/** The smallest Spring Boot application that asks Kimi and Claude. */
@NullMarked
package dev.kimi.samples.quickstart;

import org.jspecify.annotations.NullMarked;
