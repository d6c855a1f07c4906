/** Lets the model use methods of the application, and reads its response into a record. */
@NullMarked
package dev.kimi.samples.toolloop;

import org.jspecify.annotations.NullMarked;
