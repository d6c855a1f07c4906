/** Spring Boot tests and local development with the simulator. */
@NullMarked
package dev.kimi.test.autoconfigure;

import org.jspecify.annotations.NullMarked;
