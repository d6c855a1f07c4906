/** Spring Boot tests and local development with the simulator. */
@NullMarked
package dev.kimi.test.spring;

import org.jspecify.annotations.NullMarked;
