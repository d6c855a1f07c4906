/** Kimi in a Spring Boot application: what an application implements or injects to change how its clients are made. */
@NullMarked
package dev.kimi.starter;

import org.jspecify.annotations.NullMarked;
