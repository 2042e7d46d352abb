/* SPDX-License-Identifier: MIT
 *
 * lapack: the few LAPACK routines that are used, as Fortran sees them. The last arguments are the lengths of the
 * character arguments.
 */
#ifndef CLV_CORE_LAPACK_H
#define CLV_CORE_LAPACK_H

#include <stddef.h>

/* Cholesky factorisation, unblocked: the matrices are small, and unlike dpotrf it starts no threads of its own. */
void dpotf2_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b,
             const int *ldb, int *info, size_t uplo_length);
/* Symmetric indefinite systems. */
void dsysv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, int *ipiv, double *b,
            const int *ldb, double *work, const int *lwork, int *info, size_t uplo_length);

#endif
