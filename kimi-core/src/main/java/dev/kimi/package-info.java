/** The front door: {@link dev.kimi.KimiClient} and bulk runs on top of it. */
@NullMarked
package dev.kimi;

import org.jspecify.annotations.NullMarked;
